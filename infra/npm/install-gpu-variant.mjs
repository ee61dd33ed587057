// The opt-in behind `make gpu`: puts the real GPU build of llama.cpp where the plain
// install has an empty stand-in. `npm ci` takes it away again.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const modules = resolve(fileURLToPath(import.meta.url), "../../../node_modules");
const systems = { linux: "linux", win32: "win" };
// The CUDA build comes in two packages, because of the registry's size limit.
const variants = { cuda: ["cuda", "cuda-ext"], vulkan: ["vulkan"] };

const wanted = variants[process.argv[2] ?? ""];
const system = systems[process.platform];
if (!wanted) fail("Say which variant: `make gpu VARIANT=cuda` or `make gpu VARIANT=vulkan`.");
if (!system || process.arch !== "x64") {
  fail(
    `GPU variants are separate packages on Linux and Windows x64 only; on ${process.platform}-${process.arch} nothing is to be added (Metal is part of the plain install).`,
  );
}

const { version } = JSON.parse(readFileSync(join(modules, "node-llama-cpp/package.json"), "utf8"));
for (const variant of wanted) install(`@node-llama-cpp/${system}-x64-${variant}`, version);

function install(name, exactVersion) {
  const folder = mkdtempSync(join(tmpdir(), "hearth-gpu-"));
  try {
    console.log(`fetching ${name}@${exactVersion} …`);
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, `${name}@${exactVersion}`], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const archive = readdirSync(folder).find((file) => file.endsWith(".tgz"));
    execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder]);
    const place = join(modules, name);
    const next = `${place}.next`;
    rmSync(next, { recursive: true, force: true });
    // Across file systems a rename fails; copying by tar keeps it to one tool.
    try {
      renameSync(join(folder, "package"), next);
    } catch {
      execFileSync("cp", ["-R", join(folder, "package"), next]);
    }
    rmSync(place, { recursive: true, force: true });
    renameSync(next, place);
    console.log(`${name} is in place`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

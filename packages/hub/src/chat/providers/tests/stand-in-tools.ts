import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { inheritedEnvironment } from "../../../process/environment.ts";

/*
 * Programs that stand for the system's keyring in tests. They speak the command line of libsecret's `secret-tool` and
 * of macOS's `security` as their manuals have it, refuse anything else, and keep what they are given in a file.
 */

const common = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
const folder = dirname(process.argv[1]);
const file = join(folder, "kept.json");
const kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const save = () => writeFileSync(file, JSON.stringify(kept));
const args = process.argv.slice(2);
appendFileSync(join(folder, "calls.jsonl"), JSON.stringify({ args, environment: process.env }) + "\\n");
const end = (code, words = "") => { if (words !== "") process.stderr.write(words + "\\n"); process.exit(code); };
const moment = new Int32Array(new SharedArrayBuffer(4));
while (existsSync(join(folder, "asking"))) Atomics.wait(moment, 0, 0, 20);
if (existsSync(join(folder, "locked"))) end(1, "secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY");
`;

const secretTool = `${common}
const usage = () => end(2, "usage: secret-tool store --label='label' attribute value ...");
const command = args.shift();
if (command === "store" && !/^--label=./.test(args.shift() ?? "")) usage();
if (args.length === 0 || args.length % 2 !== 0 || args.some((one) => one.startsWith("-"))) usage();
const key = JSON.stringify(args);
if (command === "store") { kept[key] = readFileSync(0, "utf8"); save(); end(0); }
if (!["lookup", "clear"].includes(command)) usage();
if (!(key in kept)) end(1);
if (command === "lookup") process.stdout.write(kept[key]);
else { delete kept[key]; save(); }
`;

const security = `${common}
const notFound = "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.";
const run = ([command, ...rest]) => {
  const option = (name) => rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined;
  const key = JSON.stringify([option("-s"), option("-a")]);
  if (command === "add-generic-password") { kept[key] = Buffer.from(option("-X"), "hex").toString(); return save(); }
  if (!["find-generic-password", "delete-generic-password"].includes(command)) end(2, "security: unknown command");
  if (!(key in kept)) end(44, notFound);
  if (command === "delete-generic-password") { delete kept[key]; return save(); }
  if (!rest.includes("-w")) end(2, "only -w here");
  process.stdout.write(kept[key] + "\\n");
};
if (args[0] === "-i") for (const line of readFileSync(0, "utf8").trim().split("\\n")) run(line.split(" "));
else run(args);
`;

export interface StandIns {
  /** `PATH` with the stand-ins before everything else. */
  path: string;
  /** Each call: its arguments and its environment. */
  calls(): Promise<{ args: string[]; environment: Record<string, string> }[]>;
  /** As a keyring that nobody has unlocked. */
  lock(): Promise<void>;
  /** As a keyring that asks its person first; the function lets it go on. */
  ask(): Promise<() => Promise<void>>;
}

/** Writes the programs into a folder. */
export async function installStandIns(folder: string): Promise<StandIns> {
  for (const [name, script] of Object.entries({ "secret-tool": secretTool, security })) {
    const path = join(folder, name);
    // Without an ending Node takes it for CommonJS unless it finds `import` in it, as it does here.
    await writeFile(path, `#!${process.execPath}\n${script}`);
    await chmod(path, 0o755);
  }
  return {
    path: `${folder}${delimiter}${inheritedEnvironment()["PATH"] ?? ""}`,
    async calls() {
      const lines = (await readFile(join(folder, "calls.jsonl"), "utf8")).trim().split("\n");
      return lines.map((line) => JSON.parse(line));
    },
    async ask() {
      const asking = join(folder, "asking");
      await writeFile(asking, "");
      return () => rm(asking);
    },
    lock: () => writeFile(join(folder, "locked"), ""),
  };
}

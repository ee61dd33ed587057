import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { makeFolder, writeFileAtomically } from "../../../../artifacts/fs/durable.ts";
import { HearthError } from "../../../../errors.ts";
import { findHub, HomeInUseError, lockHome } from "../../../../process/home-lock.ts";
import {
  environmentsFolder,
  interpreterOf,
  pinnedVersion,
  readEnvironment,
  recordFile,
  type EnvironmentRecord,
  type MlxEnvironment,
} from "./environment.ts";
import { mlxDevice, type MlxDevice } from "./platform.ts";
import { findPython } from "./python.ts";
import { lastJson, runProgram, type ProgramResult } from "./run-program.ts";

export type InstallStep = "python" | "venv" | "packages" | "check";

export interface InstallOptions {
  /** The hub's home folder. */
  home: string;
  /** Of mlx-lm; null: {@link pinnedVersion}. */
  version: string | null;
  /** Null: what the machine has. */
  device: MlxDevice | null;
  /** The Python to make it with; null looks for one. */
  python: string | null;
  /** Also when that version is there already. */
  again: boolean;
  /** A step has begun, or pip has said something. */
  onProgress?: (step: InstallStep, line: string | null) => void;
}

const constraints = fileURLToPath(new URL("./constraints.txt", import.meta.url));
/** What `mlx-lm` is asked for with, by device. */
const extras: Record<MlxDevice, string> = {
  metal: "",
  cpu: "[cpu]",
  cuda12: "[cuda12]",
  cuda13: "[cuda13]",
};

/**
 * Makes the Python environment of the mlx engine below the hub's home folder. It counts only when it is
 * complete and MLX has computed something in it; until then, and when this fails, the one before stays.
 * Does nothing when the same version for the same device is there.
 *
 * Errors: PlatformUnsupported, `platform_unsupported` without a good Python, `conflict` while another
 * installation runs, `unavailable` with pip's words.
 */
export async function installMlx(
  options: InstallOptions,
  signal: AbortSignal,
): Promise<{ environment: MlxEnvironment; made: boolean }> {
  const { home, again, onProgress } = options;
  const version = checkedVersion(options.version ?? pinnedVersion);
  const device = mlxDevice(options.device);
  const present = again ? null : readEnvironment(home);
  if (present !== null && present.version === version && present.device === device) {
    if ((await tryMlx(present.interpreter, signal)).ok) return { environment: present, made: false };
  }
  await makeFolder(environmentsFolder(home));
  await using _lock = await lockInstallation(home);
  onProgress?.("python", null);
  const python = await findPython(options.python, signal);
  const name = `${version}-${device}-${randomUUID().slice(0, 8)}`;
  const folder = join(environmentsFolder(home), name);
  const before = recorded(home);
  try {
    onProgress?.("venv", python.path);
    await step("The environment could not be made", python.path, ["-I", "-m", "venv", folder], signal);
    onProgress?.("packages", null);
    await step(
      "mlx-lm could not be installed",
      interpreterOf(folder),
      pipArguments(version, device),
      signal,
      (line) => onProgress?.("packages", line),
    );
    onProgress?.("check", null);
    const tried = await tryMlx(interpreterOf(folder), signal);
    if (!tried.ok) throw failed("mlx-lm was installed and does not run", tried.result);
    const record: EnvironmentRecord = {
      folder: name,
      device,
      version: tried.version,
      mlx: tried.mlx,
      python: python.version,
      installed_at: new Date().toISOString(),
    };
    await writeFileAtomically(recordFile(home), `${JSON.stringify(record, null, 2)}\n`);
    await removeOthers(home, [name, ...(await inUse(home, before))]);
    return { environment: { ...record, interpreter: interpreterOf(folder) }, made: true };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function checkedVersion(version: string): string {
  if (/^\d+(\.\d+){1,3}((a|b|rc)\d+)?$/.test(version)) return version;
  throw new HearthError(
    "invalid_request",
    `${JSON.stringify(version)} is no version of mlx-lm, such as ${pinnedVersion}.`,
  );
}

/** Wheels only: nothing that is downloaded is run while it is installed. */
function pipArguments(version: string, device: MlxDevice): string[] {
  const pip = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"];
  return [
    ...pip,
    "--progress-bar=off",
    "--only-binary=:all:",
    ...(version === pinnedVersion ? ["--constraint", constraints] : []),
    `mlx-lm${extras[device]}==${version}`,
  ];
}

async function lockInstallation(home: string): Promise<AsyncDisposable> {
  try {
    return await lockHome(environmentsFolder(home));
  } catch (error) {
    if (!(error instanceof HomeInUseError)) throw error;
    const { pid } = error.details;
    throw new HearthError(
      "conflict",
      `Another \`hearth mlx install\` (process ${String(pid)}) is at work; wait for it.`,
      {
        cause: error,
        details: { pid },
      },
    );
  }
}

async function step(
  what: string,
  program: string,
  args: string[],
  signal: AbortSignal,
  onLine?: (line: string) => void,
): Promise<void> {
  const result = await runProgram(program, args, { signal, ...(onLine === undefined ? {} : { onLine }) });
  if (result.code !== 0) throw failed(what, result);
}

function failed(what: string, { code, lines }: ProgramResult): HearthError {
  // pip ends with the reason, after a long list of what it did.
  const errors = lines.filter((line) => /error|ERROR|No module|cannot/.test(line));
  const words = (errors.length > 0 ? errors : lines).slice(-4).join(" | ");
  return new HearthError(
    "unavailable",
    `${what}: ${words || `status ${code}`}. Mend it and run \`hearth mlx install\` again.`,
    {
      details: { status: code, last_lines: lines.slice(-10) },
    },
  );
}

const trial = z.object({ version: z.string(), mlx: z.string() });
const trialScript = `
import json, importlib.metadata as metadata
import mlx.core as mx
import mlx_lm.server
assert mx.sum(mx.arange(4)).item() == 6
print(json.dumps({"version": metadata.version("mlx-lm"), "mlx": metadata.version("mlx")}))
`;

type Trial = { ok: true; version: string; mlx: string } | { ok: false; result: ProgramResult };

/** Does MLX compute there? */
export async function tryMlx(interpreter: string, signal: AbortSignal): Promise<Trial> {
  const result = await runProgram(interpreter, ["-I", "-c", trialScript], { signal });
  const parsed = result.code === 0 ? trial.safeParse(lastJson(result.lines)) : null;
  return parsed?.success === true ? { ok: true, ...parsed.data } : { ok: false, result };
}

/** The environment that is to be replaced; null also when its record is damaged, which is mended now. */
function recorded(home: string): MlxEnvironment | null {
  try {
    return readEnvironment(home);
  } catch (error) {
    if (error instanceof HearthError) return null;
    throw error;
  }
}

/** A hub that runs may have servers of the environment that is replaced. */
async function inUse(home: string, before: MlxEnvironment | null): Promise<string[]> {
  return before !== null && (await findHub(home)) !== null ? [before.folder] : [];
}

/** The other environments: those that were replaced, and what an interrupted installation left. */
async function removeOthers(home: string, keep: readonly string[]): Promise<void> {
  for (const entry of await readdir(environmentsFolder(home), { withFileTypes: true })) {
    if (!entry.isDirectory() || keep.includes(entry.name)) continue;
    await rm(join(environmentsFolder(home), entry.name), { recursive: true, force: true });
  }
}

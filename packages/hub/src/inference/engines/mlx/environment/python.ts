import { z } from "zod";
import { HearthError } from "../../../../errors.ts";
import { lastJson, runProgram } from "./run-program.ts";

export interface Python {
  /** Absolute path. */
  path: string;
  version: string;
}

const leastMinor = 10;
/** Looked for in this order where nobody names one: the newest first that wheels are made for. */
const names = ["python3.13", "python3.12", "python3.11", "python3.10", "python3.14", "python3"];

const answer = z.object({ path: z.string(), version: z.string(), minor: z.int(), venv: z.boolean() });
/** `ensurepip` is what Debian leaves out of `venv` unless python3-venv is installed. */
const question = `
import importlib.util, json, sys
found = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
print(json.dumps({"path": sys.executable, "version": sys.version.split()[0],
                  "minor": sys.version_info[1] if sys.version_info[0] == 3 else -1, "venv": found}))
`;

/**
 * A Python that an environment can be made with: `asked`, else the first good one of the usual names.
 * Errors: `platform_unsupported` that says what was found of each.
 */
export async function findPython(asked: string | null, signal: AbortSignal): Promise<Python> {
  const findings: string[] = [];
  for (const name of asked === null ? names : [asked]) {
    const { code, lines } = await runProgram(name, ["-I", "-c", question], { signal });
    const parsed = code === 0 ? answer.safeParse(lastJson(lines)) : null;
    if (parsed?.success !== true) {
      findings.push(`${name}: ${missing(lines) ? "not there" : `does not run (${lines.at(-1) ?? ""})`}`);
      continue;
    }
    const { path, version, minor, venv } = parsed.data;
    if (minor < leastMinor) findings.push(`${name}: version ${version} is too old`);
    else if (!venv) findings.push(`${name}: ${version} lacks the venv module (Debian: python3-venv)`);
    else return { path, version };
  }
  throw new HearthError(
    "platform_unsupported",
    `The mlx engine needs Python 3.${leastMinor} or newer with its venv module. Found: ${findings.join("; ")}. Install one, or name it with --python.`,
    { details: { found: findings } },
  );
}

function missing(lines: readonly string[]): boolean {
  return lines.at(-1)?.includes("ENOENT") === true;
}

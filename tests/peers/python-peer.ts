import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const python = join(import.meta.dirname, "../../.venv/bin/python");

/** The Python of `.venv` if it can import a module; otherwise undefined, after saying so on stderr. */
export async function pythonWith(module: string): Promise<string | undefined> {
  const reason = existsSync(python)
    ? await run(python, ["-c", `import ${module}`]).then(
        () => undefined,
        () => `${python} has no module ${module}`,
      )
    : `${python} does not exist`;
  if (reason === undefined) return python;
  console.warn(`skipped: ${reason}; infra/peers/install.sh installs what is compared with`);
  return undefined;
}

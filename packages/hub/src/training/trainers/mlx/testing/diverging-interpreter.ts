import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes a program to start in place of a Python: it runs a script as that one, with a fault.
 *
 * @param fault the first words of `diverging.py`
 */
export async function divergingInterpreter(
  folder: string,
  interpreter: string,
  fault: readonly string[],
): Promise<string> {
  const path = join(folder, ["python", ...fault].join("-"));
  const script = fileURLToPath(new URL("diverging.py", import.meta.url));
  await writeFile(path, `#!/bin/sh\nexec "${interpreter}" -I -B "${script}" ${fault.join(" ")} "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

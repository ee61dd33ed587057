import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for a test; removed when it goes out of scope (`await using`). */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { file(name: string): string; path: string }
> {
  const path = await mkdtemp(join(tmpdir(), "hearth-model-files-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

import type { FileDifference } from "@hearth/wire/hub/reproduction";
import { openRegularFile } from "../../model-files/regular-file.ts";

const chunkBytes = 1 << 20;
const excerptBytes = 40;

/** The first byte in which two files differ, with what stands there; null when there is none. */
export async function compareBytes(
  file: string,
  expected: string,
  actual: string,
): Promise<FileDifference | null> {
  await using handles = new AsyncDisposableStack();
  const one = handles.use(await openRegularFile(expected));
  const other = handles.use(await openRegularFile(actual));
  const [mine, theirs] = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)];
  for (let offset = 0; ;) {
    const [first, second] = [
      await one.read(mine, 0, chunkBytes, offset),
      await other.read(theirs, 0, chunkBytes, offset),
    ];
    const common = Math.min(first.bytesRead, second.bytesRead);
    const same = mine.subarray(0, common).equals(theirs.subarray(0, common));
    const unequal = same ? -1 : mine.subarray(0, common).findIndex((byte, index) => byte !== theirs[index]);
    const at = unequal === -1 ? common : unequal;
    const ended = first.bytesRead === second.bytesRead;
    if (unequal !== -1 || !ended) {
      return {
        file,
        kind: "bytes",
        name: null,
        index: null,
        offset: offset + at,
        expected: excerpt(mine.subarray(at, first.bytesRead)),
        actual: excerpt(theirs.subarray(at, second.bytesRead)),
        differing: null,
        elements: null,
        largest: null,
      };
    }
    if (common === 0) return null;
    offset += common;
  }
}

/** Text where it is text, else hexadecimal; null where the file has ended. */
function excerpt(bytes: Buffer): string | null {
  if (bytes.length === 0) return null;
  const piece = bytes.subarray(0, excerptBytes);
  const text = piece.toString("utf8");
  return /^[\x20-\x7e\s]*$/.test(text) ? text : piece.subarray(0, 8).toString("hex");
}

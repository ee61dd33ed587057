import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { HearthError } from "../errors.ts";
import { collect, readMultipart } from "./multipart.ts";

/** Of one upload, its files together. Larger data is registered by its path on the hub's machine. */
export const uploadLimit = 4 * 2 ** 30;
const valueLimit = 10_000;

export interface UploadedPart {
  field: string;
  name: string;
  bytes: () => AsyncIterable<Uint8Array>;
}

/** A form whose files lie in a folder of their own until it is disposed of. */
export interface UploadedForm extends AsyncDisposable {
  values: ReadonlyMap<string, string>;
  files: readonly UploadedPart[];
}

export interface UploadLimits {
  /** Bytes of the whole body. */
  bytes: number;
  files: number;
}

/**
 * Receives an upload: values stay in memory, files go to `folder` as they come.
 *
 * @throws HearthError `invalid_request`, `too_large`, `resource_exhausted` (disk full); nothing is left behind then.
 */
export async function receiveUpload(
  request: Request,
  folder: string,
  limits: UploadLimits,
  signal: AbortSignal,
): Promise<UploadedForm> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  try {
    refuseBeyond(announced, limits.bytes);
    const values = new Map<string, string>();
    const files: UploadedPart[] = [];
    const body = limited(request.body ?? [], limits.bytes);
    for await (const part of readMultipart(body, request.headers.get("content-type") ?? "")) {
      signal.throwIfAborted();
      if (part.fileName === null) {
        if (values.has(part.field))
          throw new HearthError("invalid_request", `${part.field} is given twice; give it once.`, {
            details: { field: part.field },
          });
        values.set(part.field, (await collect(part.bytes, valueLimit)).toString("utf8"));
        continue;
      }
      if (files.length >= limits.files) {
        throw new HearthError("invalid_request", `The upload has more than ${limits.files} files.`, {
          details: { field: part.field, limit: limits.files },
        });
      }
      const path = join(folder, randomUUID());
      await pipeline(part.bytes, createWriteStream(path, { flags: "wx", mode: 0o600 }), { signal });
      files.push({ field: part.field, name: part.fileName, bytes: () => createReadStream(path) });
    }
    return { values, files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw translateWriteError(error, folder);
  }
}

async function* limited(
  body: AsyncIterable<Uint8Array> | [],
  limit: number,
): AsyncGenerator<Uint8Array, void, void> {
  let size = 0;
  for await (const chunk of body) {
    refuseBeyond((size += chunk.byteLength), limit);
    yield chunk;
  }
}

function refuseBeyond(size: number, limit: number): void {
  if (size > limit) {
    throw new HearthError(
      "too_large",
      `The upload is larger than ${limit} bytes (${size} so far or announced). Register larger data by its path on the hub's machine.`,
      {
        details: { limit, size },
      },
    );
  }
}

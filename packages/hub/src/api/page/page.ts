import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { HearthError } from "../../errors.ts";

/** What a `Response` takes without a copy. */
type Bytes = Uint8Array<ArrayBuffer>;

const compressors = {
  br: (bytes: Bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (bytes: Bytes) => promisify(gzip)(bytes),
};
type Encoding = keyof typeof compressors;

const contentTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** What every answer of the page carries. Names, answers and artifacts come from outside: nothing of them may run or load. */
const policy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

export interface Page {
  /** The document; addresses inside the page are behind its `#`. */
  document(): Promise<Response>;
  /** A script, a style sheet or a picture; `not_found` when the page has none of that name. */
  file(name: string, acceptEncoding: string): Promise<Response>;
}

/**
 * The page as `npm run build` has left it in `folder`. Its files are read and compressed once, when they are first
 * asked for.
 */
export function openPage(folder: string): Page {
  const files = new Map<string, Promise<Bytes>>();
  const read = (key: string, make: () => Promise<Buffer>): Promise<Bytes> => {
    const known = files.get(key);
    if (known !== undefined) return known;
    const made = make().then((buffer) => new Uint8Array(buffer));
    files.set(key, made);
    // What failed is tried again.
    made.catch(() => files.delete(key));
    return made;
  };
  const plain = (name: string) => read(name, () => readFile(join(folder, name)));

  return {
    async document() {
      let html: string;
      try {
        // Not kept: a page that was built again is served at once.
        html = await readFile(join(folder, "index.html"), "utf8");
      } catch (error) {
        if (!isMissing(error)) throw error;
        return new Response(
          "The page of this hub has not been built. Run `npm run build` in the checkout.\n",
          {
            status: 503,
            headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
          },
        );
      }
      const nonce = randomBytes(16).toString("base64");
      return new Response(html.replaceAll("__NONCE__", nonce), {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "cache-control": "no-store",
          "content-security-policy": policy(nonce),
          "referrer-policy": "no-referrer",
          "x-frame-options": "DENY",
        },
      });
    },
    async file(name, acceptEncoding) {
      const contentType = contentTypes[extname(name)];
      if (contentType === undefined || !/^(assets\/)?[\w.-]+$/.test(name)) throw missing(name);
      const encoding = preferred(acceptEncoding);
      let bytes: Bytes;
      try {
        bytes =
          encoding === null
            ? await plain(name)
            : await read(`${name} ${encoding}`, async () => compressors[encoding](await plain(name)));
      } catch (error) {
        if (isMissing(error)) throw missing(name);
        throw error;
      }
      return new Response(bytes, {
        headers: {
          "content-type": contentType,
          // The names of assets change with their content.
          "cache-control": name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
          "content-security-policy": "default-src 'none'",
          vary: "accept-encoding",
          ...(encoding === null ? {} : { "content-encoding": encoding }),
        },
      });
    },
  };
}

function preferred(acceptEncoding: string): Encoding | null {
  if (/\bbr\b/.test(acceptEncoding)) return "br";
  return /\bgzip\b/.test(acceptEncoding) ? "gzip" : null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function missing(name: string): HearthError {
  return new HearthError("not_found", `The page has no file "${name.slice(0, 200)}".`);
}

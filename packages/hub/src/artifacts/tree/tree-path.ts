import { HearthError } from "../../errors.ts";

/** Escapes inside escapes are looked into this deep; deeper ones are refused. */
const decodings = 10;

/**
 * The names of a path in the artifact tree, outermost first; none for the tree itself. Empty names and `.`
 * are dropped. A path that could lead out of a folder, as it is or however often it is percent-decoded, is
 * refused, and so is whatever means a place of its own: absolute paths, drives, `file:` URIs, fragments.
 *
 * @throws HearthError `invalid_request`
 */
export function treePath(text: string): string[] {
  refuseAscent(text);
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  if (names.some((name) => Buffer.byteLength(name) > 255)) throw invalidPath(text, "A name is too long.");
  return names;
}

function refuseAscent(path: string): void {
  let text = path;
  for (let depth = 0; ; depth += 1) {
    const reason = ascent(text);
    if (reason !== null) throw invalidPath(path, reason);
    const decoded = percentDecoded(text);
    if (decoded === text) return;
    if (depth === decodings) throw invalidPath(path, "It is percent-encoded too many times.");
    text = decoded;
  }
}

function ascent(text: string): string | null {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F]/.test(text)) return "It has control characters.";
  if (text.includes("\\")) return 'Names are separated by "/", not by backslashes.';
  if (text.includes("#")) return 'It has a "#".';
  if (text.startsWith("/") || /^[A-Za-z]:(\/|$)/.test(text) || /^file:/i.test(text)) return "It is absolute.";
  if (text.split("/").includes("..")) return 'It leads upwards with "..".';
  return null;
}

/** With every escape that is one; bytes that are no UTF-8 become U+FFFD. */
function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

export function invalidPath(path: string, reason: string): HearthError {
  return new HearthError(
    "invalid_request",
    `Invalid path: ${JSON.stringify(path.slice(0, 300))}. ${reason}`,
    {
      details: { field: "path" },
    },
  );
}

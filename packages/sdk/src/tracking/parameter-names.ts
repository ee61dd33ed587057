const opening = "([{";
const closing = ")]}";

/**
 * The names of a function's parameters, from its source: `(rate, { epochs }, ...rest)` gives
 * `["rate", null, "rest"]`. A parameter without a name of its own is null; a source that is not
 * understood, such as a built-in's, gives [].
 */
export function parameterNames(source: string): (string | null)[] {
  const bare = source.trimStart();
  const arrow = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(bare);
  if (arrow !== null) return [arrow[1] ?? null];
  const parts = splitParameters(bare);
  return parts === null ? [] : parts.map(nameOf);
}

function nameOf(part: string): string | null {
  return /^(?:\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=|$)/u.exec(part.trim())?.[1] ?? null;
}

/** The texts between the commas of the first parenthesis, without comments; null when it has no end. */
function splitParameters(source: string): string[] | null {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const sign = source[at] ?? "";
    const skipped = skipFrom(source, at);
    if (skipped !== null) {
      if (depth > 0 && sign !== "/") part += source.slice(at, skipped);
      at = skipped - 1;
      continue;
    }
    if (opening.includes(sign)) {
      // A computed method name comes before the parameters.
      if (depth === 0 && sign !== "(") {
        const end = closingOf(source, at);
        if (end === null) return null;
        at = end;
        continue;
      }
      depth++;
      if (depth === 1) continue;
    }
    if (closing.includes(sign)) {
      depth--;
      if (depth === 0) return part.trim() === "" ? parts : [...parts, part];
    }
    if (depth === 0) continue;
    if (sign === "," && depth === 1) {
      parts.push(part);
      part = "";
    } else part += sign;
  }
  return null;
}

function closingOf(source: string, from: number): number | null {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const skipped = skipFrom(source, at);
    if (skipped !== null) at = skipped - 1;
    else if (opening.includes(source[at] ?? "")) depth++;
    else if (closing.includes(source[at] ?? "") && --depth === 0) return at;
  }
  return null;
}

/** Where a text or a comment that begins here ends; null when none begins. */
function skipFrom(source: string, at: number): number | null {
  const sign = source[at];
  if (sign === "/" && source[at + 1] === "/") return endOf(source, "\n", at + 2);
  if (sign === "/" && source[at + 1] === "*") return endOf(source, "*/", at + 2);
  if (sign !== '"' && sign !== "'" && sign !== "`") return null;
  for (let end = at + 1; end < source.length; end++) {
    if (source[end] === "\\") end++;
    else if (source[end] === sign) return end + 1;
  }
  return source.length;
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at === -1 ? source.length : at + mark.length;
}

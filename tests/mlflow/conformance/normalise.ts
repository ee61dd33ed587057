const hex32 = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const generatedName = /^[a-z]+-[a-z]+-\d{1,4}$/;
const isoTime = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)/g;

/**
 * An answer without what differs from server to server: kept ids become `<name>`, other ids, times,
 * generated names and page tokens become what they are. Keyed lists (tags, parameters, metrics of
 * distinct keys) have no order of their own and are sorted by key. Of the values under `loose` keys
 * only the type stays.
 */
export function normalise(
  value: unknown,
  kept: ReadonlyMap<string, string>,
  loose: ReadonlySet<string> = new Set(),
): unknown {
  const visit = (node: unknown, under = ""): unknown => {
    if (typeof node === "string") return normaliseText(node, under, kept);
    if (typeof node === "number") return normaliseNumber(node, under, kept);
    if (Array.isArray(node)) return sortKeyed(node.map((item) => visit(item, under)));
    if (node === null || typeof node !== "object") return node;
    const entries = Object.entries(node).map(([key, child]) => {
      if (loose.has(key)) return [key, `<${typeof child}>`];
      if (key === "next_page_token") return [key, "<token>"];
      return [key, visit(child, key)];
    });
    return Object.fromEntries(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  };
  return visit(value);
}

function normaliseText(text: string, under: string, kept: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [name, id] of kept) {
    // A short id, such as an experiment's number, is an id only under a key that says so and where
    // it is a path's segment.
    if (result === id && (id.length >= 8 || /_ids?$/.test(under))) return `<${name}>`;
    if (!result.includes("/") && id.length < 8) continue;
    result =
      id.length >= 8
        ? result.replaceAll(id, `<${name}>`)
        : result
            .split("/")
            .map((segment) => (segment === id ? `<${name}>` : segment))
            .join("/");
  }
  if (generatedName.test(result)) return "<generated name>";
  return result
    .replaceAll(uuid, "<uuid>")
    .replaceAll(hex32, "<hex>")
    .replaceAll(isoTime, "<time>")
    .replaceAll(/(?<!\d)1[5-9]\d{11}(?!\d)/g, "<time>");
}

function normaliseNumber(value: number, under: string, kept: ReadonlyMap<string, string>): unknown {
  if (isTime(value)) return "<time>";
  if (!under.endsWith("_id")) return value;
  const name = [...kept].find(([, id]) => id === String(value))?.[0];
  return name === undefined ? value : `<number ${name}>`;
}

/** Milliseconds or nanoseconds since 1970, of this century. */
function isTime(value: number): boolean {
  return (value > 1.5e12 && value < 4e12) || (value > 1.5e18 && value < 4e18);
}

function sortKeyed(list: unknown[]): unknown[] {
  const keys = list.map((item) =>
    typeof item === "object" && item !== null && "key" in item ? String(item.key) : undefined,
  );
  if (keys.includes(undefined) || new Set(keys).size < keys.length) return list;
  return list
    .map((item, i) => ({ item, key: keys[i] ?? "" }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

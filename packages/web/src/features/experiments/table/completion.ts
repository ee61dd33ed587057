import { splitColumn, fieldOf } from "./columns.ts";

/** One way to go on: `text` takes the place of what stands from `from` to the cursor. */
export interface Completion {
  text: string;
  from: number;
}

const numeric = ["<", "<=", ">", ">=", "=", "!="];
const textual = ["=", "!=", "LIKE", "ILIKE", "IN"];
const most = 30;

/** How a filter may go on at its end: fields, then comparators, then values, then AND. */
export function completions(
  text: string,
  columns: readonly string[],
  values: (column: string) => readonly string[],
): Completion[] {
  const clauseStart = lastClause(text);
  const clause = text.slice(clauseStart);
  const parts =
    /^\s*((?:[a-z]+\.)?(?:`[^`]*`|"[^"]*"|[\w./-]*))(\s+)?(!=|<=|>=|<|>|=|[a-z]+)?(\s*)(.*)$/is.exec(clause);
  if (parts === null) return [];
  const [, field = "", gap = "", comparator = "", pause = "", value = ""] = parts;
  if (gap === "" && comparator === "") {
    const from = text.length - field.length;
    return fields(columns, field).map((name) => ({ text: `${name} `, from }));
  }
  const known = columns.find((column) => fieldOf(column) === field);
  const isNumber = field.startsWith("metrics.") || field.endsWith("_time");
  if (pause === "" && value === "") {
    const from = text.length - comparator.length;
    return (isNumber ? numeric : textual)
      .filter((one) => one.startsWith(comparator.toUpperCase()) && one !== comparator.toUpperCase())
      .map((one) => ({ text: `${one} `, from }));
  }
  if (/^('[^']*'|"[^"]*"|-?[\d.]+(e-?\d+)?)\s+$/i.test(value)) return [{ text: "AND ", from: text.length }];
  if (isNumber || known === undefined) return [];
  const begun = value.replace(/^['"]/, "").toLowerCase();
  return values(known)
    .filter((one) => !one.includes("'") && one.toLowerCase().startsWith(begun) && value !== `'${one}'`)
    .slice(0, most)
    .map((one) => ({ text: `'${one}' `, from: text.length - value.length }));
}

function fields(columns: readonly string[], begun: string): string[] {
  const names = ["attributes.run_name", ...columns].flatMap((column) => fieldOf(column) ?? []);
  const lower = begun.toLowerCase();
  return names
    .filter((name) => {
      const key = splitColumn(name)[1].toLowerCase();
      return name !== begun && (name.toLowerCase().startsWith(lower) || key.startsWith(lower));
    })
    .slice(0, most);
}

/** Where the condition begins that is being written; an AND inside quotes is none. */
function lastClause(text: string): number {
  let start = 0;
  for (const found of text.matchAll(/'[^']*'|"[^"]*"|`[^`]*`|\band\s/gi)) {
    if (/^and/i.test(found[0])) start = found.index + found[0].length;
  }
  return start;
}

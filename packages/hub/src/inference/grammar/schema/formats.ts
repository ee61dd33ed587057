import { refuse } from "./refusal.ts";

/**
 * Formats as regular expressions: for some exactly what their standards say, for others a part of it that is
 * enough for real values. Between them none that a validator would refuse.
 */

const hour = "(?:[01][0-9]|2[0-3])";
const minute = "[0-5][0-9]";

/** RFC 3339 full-date, leap years included. */
const date =
  "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))" +
  "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

/** RFC 3339 full-time without leap seconds, to the nanosecond. */
const time = `${hour}:${minute}:${minute}(?:\\.[0-9]{1,9})?(?:Z|[+-]${hour}:${minute})`;

/** Letters, digits and dashes inside; DNS allows 63. */
function label(longest: number): string {
  return `[A-Za-z0-9](?:-?[A-Za-z0-9]){0,${(longest - 1) >> 1}}`;
}

function hostname(labels: number, longest: number): string {
  return `${label(longest)}(?:\\.${label(longest)}){0,${labels - 1}}`;
}

const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const ipv4 = `${octet}(?:\\.${octet}){3}`;

function email(words: number, longest: number): string {
  const word = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]{1,${longest}}`;
  const domain = `(?:${label(longest)}\\.){1,${words}}[A-Za-z]{2,${Math.min(longest, 16)}}`;
  return `${word}(?:\\.${word}){0,${words - 1}}@${domain}`;
}

const uriCharacter = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";

/** RFC 3986 with an authority, as of web addresses: no user, no address in brackets. */
const uri =
  `[A-Za-z][A-Za-z0-9+.-]{0,20}://${hostname(5, 41)}(?::[0-9]{1,5})?(?:/${uriCharacter}*)*` +
  `(?:\\?(?:${uriCharacter}|[/?])*)?(?:#(?:${uriCharacter}|[/?])*)?`;

/** Web addresses of a bounded length, without escapes. */
function webAddress(labels: number, segments: number, longest: number): string {
  const plain = "[A-Za-z0-9._~!$&'()*+,;=:@-]";
  const path = `(?:/${plain}{0,${longest}}){0,${segments}}`;
  return `https?://${hostname(labels, Math.min(longest, 41))}${path}(?:\\?(?:${plain}|[/?]){0,${longest}})?`;
}

/** ISO 8601 as in RFC 3339, appendix A. */
const amount = "[0-9]{1,9}";
const dayPart = `(?:${amount}Y(?:${amount}M(?:${amount}D)?)?|${amount}M(?:${amount}D)?|${amount}D)`;
const timePart = `T(?:${amount}H(?:${amount}M(?:${amount}S)?)?|${amount}M(?:${amount}S)?|${amount}S)`;
const duration = `P(?:${amount}W|${dayPart}(?:${timePart})?|${timePart})`;

const hex = "[0-9A-Fa-f]";

/** RFC 4291: eight groups, or fewer around one `::`. */
function ipv6(): string {
  const part = `${hex}{1,4}`;
  const shortened = Array.from({ length: 8 }, (_, before) => {
    const left = before === 0 ? "" : `${part}(?::${part}){${before - 1}}`;
    const most = 7 - before;
    return `${left}::${most === 0 ? "" : `(?:${part}(?::${part}){0,${most - 1}})?`}`;
  });
  return `(?:${part}(?::${part}){7}|${shortened.join("|")})`;
}

/** From the widest to the narrowest: where lengths are limited, only a narrow one may be short enough to be counted. */
const expressions: ReadonlyMap<string, readonly string[]> = new Map([
  ["date", [date]],
  ["time", [time]],
  ["date-time", [`${date}T${time}`]],
  ["duration", [duration]],
  ["uuid", [`${hex}{8}-${hex}{4}-${hex}{4}-${hex}{4}-${hex}{12}`]],
  ["email", [email(3, 24), email(2, 12), email(1, 8), email(1, 3)]],
  ["hostname", [hostname(5, 41), hostname(3, 21), hostname(1, 11), hostname(1, 1)]],
  ["ipv4", [ipv4]],
  ["ipv6", [ipv6()]],
  ["uri", [uri, webAddress(5, 8, 60), webAddress(3, 4, 30), webAddress(2, 2, 10), webAddress(1, 1, 3)]],
  ["json-pointer", ["(?:/(?:[^/~]|~[01])*)*"]],
]);

const sameAs: ReadonlyMap<string, string> = new Map([["uri-reference", "uri"]]);

/** Formats of numbers and of secrets that say nothing about which values are valid, beyond these bounds. */
export const numberFormats: ReadonlyMap<string, readonly [minimum: number, maximum: number] | null> = new Map(
  [
    ["int32", [-(2 ** 31), 2 ** 31 - 1] as const],
    ["int64", null],
    ["float", null],
    ["double", null],
  ],
);

const formatNames: readonly string[] = [...expressions.keys(), ...sameAs.keys(), ...numberFormats.keys()];

/** Anchored regular expressions of texts in this format, each allowing less than the one before; none where there are none. */
export function formatExpressions(format: string): readonly string[] {
  return (expressions.get(sameAs.get(format) ?? format) ?? []).map((expression) => `^(?:${expression})$`);
}

/**
 * A format that nothing here knows may stand beside a pattern, which is what is enforced then: schema libraries write
 * names of their own there.
 * Errors: InvalidRequest for one that stands alone.
 */
export function checkFormat({ format, text, field }: FormatNode): void {
  if (format === undefined || formatNames.includes(format) || text.pattern !== undefined) return;
  refuse(
    `${field}.format`,
    `is ${JSON.stringify(format)}, which cannot be enforced. Remove it, write it as a pattern, or use one of: ${formatNames.join(", ")}.`,
  );
}

interface FormatNode {
  field: string;
  format: string | undefined;
  text: { pattern: string | undefined };
}

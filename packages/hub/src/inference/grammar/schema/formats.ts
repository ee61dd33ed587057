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

/** Letters, digits and dashes inside; shorter than the 63 that DNS allows. */
const label = "[A-Za-z0-9](?:-?[A-Za-z0-9]){0,20}";
const hostname = `${label}(?:\\.${label}){0,4}`;

const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const ipv4 = `${octet}(?:\\.${octet}){3}`;

const mailWord = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}";
const email = `${mailWord}(?:\\.${mailWord}){0,2}@(?:${label}\\.){1,3}[A-Za-z]{2,16}`;

const uriCharacter = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
/** RFC 3986 with an authority, as of web addresses: no user, no address in brackets. */
const uri =
  `[A-Za-z][A-Za-z0-9+.-]{0,20}://${hostname}(?::[0-9]{1,5})?(?:/${uriCharacter}*)*` +
  `(?:\\?(?:${uriCharacter}|[/?])*)?(?:#(?:${uriCharacter}|[/?])*)?`;

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

const expressions: ReadonlyMap<string, string> = new Map([
  ["date", date],
  ["time", time],
  ["date-time", `${date}T${time}`],
  ["duration", duration],
  ["uuid", `${hex}{8}-${hex}{4}-${hex}{4}-${hex}{4}-${hex}{12}`],
  ["email", email],
  ["hostname", hostname],
  ["ipv4", ipv4],
  ["ipv6", ipv6()],
  ["uri", uri],
  ["uri-reference", uri],
  ["json-pointer", "(?:/(?:[^/~]|~[01])*)*"],
]);

/** Formats of numbers and of secrets that say nothing about which values are valid, beyond these bounds. */
export const numberFormats: ReadonlyMap<string, readonly [minimum: number, maximum: number] | null> = new Map(
  [
    ["int32", [-(2 ** 31), 2 ** 31 - 1] as const],
    ["int64", null],
    ["float", null],
    ["double", null],
  ],
);

export const formatNames: readonly string[] = [...expressions.keys(), ...numberFormats.keys()];

/** An anchored regular expression of texts in this format; undefined where there is none. */
export function formatExpression(format: string): string | undefined {
  const expression = expressions.get(format);
  return expression === undefined ? undefined : `^(?:${expression})$`;
}

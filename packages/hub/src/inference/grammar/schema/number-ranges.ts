/**
 * Numbers between two bounds as GBNF. All texts are decimal digits; bounds are strings of digits, so that
 * nothing is rounded.
 */

const anyDigit = "[0-9]";

/** The integers from `low` to `high`, both included and neither negative, written without leading zeros. */
function naturalsBetween(low: bigint, high: bigint): string {
  const alternatives: string[] = [];
  const longest = high.toString().length;
  for (let length = low.toString().length; length <= longest; length++) {
    const smallest = length === 1 ? 0n : 10n ** BigInt(length - 1);
    const from = low > smallest ? low : smallest;
    const largest = 10n ** BigInt(length) - 1n;
    const to = high < largest ? high : largest;
    if (from <= to) alternatives.push(sameLength(from.toString(), to.toString()));
  }
  return group(alternatives);
}

/** The integers from `low` to `high`, both included; there is no -0. */
export function integersBetween(low: bigint, high: bigint): string {
  const alternatives: string[] = [];
  if (low < 0n) alternatives.push(`"-" ${naturalsBetween(high < 0n ? -high : 1n, -low)}`);
  if (high >= 0n) alternatives.push(naturalsBetween(low > 0n ? low : 0n, high));
  return group(alternatives);
}

/**
 * The decimals from `low` to `high`, both included, with at most `places` digits behind the point; the bounds
 * are counted in units of the last place.
 */
export function decimalsBetween(low: bigint, high: bigint, places: number): string {
  const alternatives: string[] = [];
  if (low < 0n) alternatives.push(`"-" ${positiveDecimals(high < 0n ? -high : 1n, -low, places)}`);
  if (high >= 0n) alternatives.push(positiveDecimals(low > 0n ? low : 0n, high, places));
  return group(alternatives);
}

function positiveDecimals(low: bigint, high: bigint, places: number): string {
  if (places === 0) return naturalsBetween(low, high);
  const unit = 10n ** BigInt(places);
  const [lowWhole, highWhole] = [low / unit, high / unit];
  const lowPlaces = (low % unit).toString().padStart(places, "0");
  const highPlaces = (high % unit).toString().padStart(places, "0");
  if (lowWhole === highWhole) return `"${lowWhole}" ${placesBetween(lowPlaces, highPlaces)}`;
  const alternatives = [`"${lowWhole}" ${placesFrom(lowPlaces)}`];
  if (highWhole - lowWhole > 1n) {
    alternatives.push(`${naturalsBetween(lowWhole + 1n, highWhole - 1n)} ("." ${anyDigit}{1,${places}})?`);
  }
  alternatives.push(`"${highWhole}" ${placesUpTo(highPlaces)}`);
  return group(alternatives);
}

/** The point and what is behind it, when missing places count as zeros. */
function placesBetween(low: string, high: string): string {
  if (/^0*$/.test(low)) return placesUpTo(high);
  return `"." ${between(low, high)}`;
}

function placesFrom(low: string): string {
  return /^0*$/.test(low) ? `("." ${anyDigit}{1,${low.length}})?` : `"." ${from(low)}`;
}

function placesUpTo(high: string): string {
  return `("." ${upTo(high, 1)})?`;
}

/** At most as many digits as `low` has, that are not below it when zeros fill them up; `low` may be zeros. */
function from(low: string): string {
  const [first = "", rest] = [low[0], low.slice(1)];
  if (/^0*$/.test(low)) return low === "" ? '""' : `${anyDigit}{0,${low.length}}`;
  const alternatives = [`"${first}" ${from(rest)}`];
  if (first < "9") alternatives.push(`[${next(first)}-9] ${upToAny(rest.length)}`);
  return group(alternatives);
}

/** At least `least` digits and at most as many as `high` has, that are not above it when zeros fill them up. */
function upTo(high: string, least: 0 | 1): string {
  if (high === "") return '""';
  const [first = "", rest] = [high[0], high.slice(1)];
  const alternatives = [`"${first}" ${upTo(rest, 0)}`];
  if (first > "0") alternatives.push(`[0-${previous(first)}] ${upToAny(rest.length)}`);
  if (least === 0) alternatives.push('""');
  return group(alternatives);
}

function between(low: string, high: string): string {
  if (/^0*$/.test(low)) return upTo(high, 0);
  const [lowFirst = "", highFirst = ""] = [low[0], high[0]];
  if (lowFirst === highFirst) return `"${lowFirst}" ${between(low.slice(1), high.slice(1))}`;
  const alternatives = [`"${lowFirst}" ${from(low.slice(1))}`, `"${highFirst}" ${upTo(high.slice(1), 0)}`];
  if (next(lowFirst) < highFirst) {
    alternatives.push(`[${next(lowFirst)}-${previous(highFirst)}] ${upToAny(low.length - 1)}`);
  }
  return group(alternatives);
}

function upToAny(length: number): string {
  return length === 0 ? '""' : `${anyDigit}{0,${length}}`;
}

/** Digit strings of one length, from `low` to `high`. */
function sameLength(low: string, high: string): string {
  if (low === high) return `"${low}"`;
  const [lowFirst = "", highFirst = ""] = [low[0], high[0]];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (lowFirst === highFirst) return `"${lowFirst}" ${sameLength(lowRest, highRest)}`;
  const wholeLow = /^0*$/.test(lowRest);
  const wholeHigh = /^9*$/.test(highRest);
  const alternatives: string[] = [];
  if (!wholeLow) alternatives.push(`"${lowFirst}" ${sameLength(lowRest, "9".repeat(lowRest.length))}`);
  const first = wholeLow ? lowFirst : next(lowFirst);
  const last = wholeHigh ? highFirst : previous(highFirst);
  if (first <= last) alternatives.push(`[${first}-${last}] ${exactly(lowRest.length)}`.trim());
  if (!wholeHigh) alternatives.push(`"${highFirst}" ${sameLength("0".repeat(highRest.length), highRest)}`);
  return group(alternatives);
}

function exactly(length: number): string {
  return length === 0 ? "" : `${anyDigit}{${length}}`;
}

function next(digit: string): string {
  return String(Number(digit) + 1);
}

function previous(digit: string): string {
  return String(Number(digit) - 1);
}

function group(alternatives: readonly string[]): string {
  return alternatives.length === 1 ? alternatives.join("") : `(${alternatives.join(" | ")})`;
}

/** A decimal number: `digits` · 10^-`places`. */
export interface Decimal {
  digits: bigint;
  places: number;
}

/** The decimal that a number of JavaScript is written as, which is what a person typed. */
export function decimalOf(value: number): Decimal {
  const [mantissa = "0", exponent = "0"] = value.toString().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const places = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

/** Units of 10^-`places` in a decimal, rounded down or up where it has more places. */
export function unitsOf({ digits, places: own }: Decimal, places: number, round: "down" | "up"): bigint {
  if (places >= own) return digits * 10n ** BigInt(places - own);
  const unit = 10n ** BigInt(own - places);
  const down = floorDivision(digits, unit);
  return round === "up" && down * unit !== digits ? down + 1n : down;
}

/** Towards minus infinity. */
export function floorDivision(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

/** Is the value a whole number of steps, as decimals and not as the doubles nearest to them? */
export function isMultiple(value: number, step: number): boolean {
  const [one, other] = [decimalOf(value), decimalOf(step)];
  const places = Math.max(one.places, other.places);
  return unitsOf(one, places, "down") % unitsOf(other, places, "down") === 0n;
}

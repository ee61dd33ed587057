import { wrongValue, type Field, type Optional } from "../fields.ts";

/** The last instant of protobuf's Timestamp: the end of the year 9999. */
const maxInstant = Date.UTC(10_000, 0, 1) - 1;
const timestampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[-+]\d\d:\d\d)$/i;
const durationPattern = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

function field(read: (value: unknown, name: string) => number, format: string): Optional<number> {
  const base = {
    read,
    fromQuery: (values: readonly string[], name: string) => read(values.at(-1), name),
    schema: { type: "string", format },
  };
  return {
    ...base,
    isRequired: false,
    absent: undefined,
    required: (): Field<number> => ({ ...base, isRequired: true, absent: undefined }),
    or: (value): Field<number> => ({ ...base, isRequired: false, absent: value }),
  };
}

/** `google.protobuf.Timestamp` as text, in ms since the epoch; what is below a ms is cut. */
export function timestamp(): Optional<number> {
  return field((value, name) => {
    const instant =
      typeof value === "string" && timestampPattern.test(value)
        ? Date.parse(value.replace(/(\.\d{3})\d+/, "$1").toUpperCase())
        : Number.NaN;
    if (Number.isNaN(instant)) throw wrongValue(value, name, "Send a time such as 2026-01-31T12:00:00.123Z.");
    return instant;
  }, "date-time");
}

/** `google.protobuf.Duration` as text, in ms; what is below a ms is cut. */
export function duration(): Optional<number> {
  return field((value, name) => {
    const match = typeof value === "string" ? durationPattern.exec(value) : null;
    if (match === null) throw wrongValue(value, name, "Send a duration such as 1.5s.");
    const [, sign, seconds, fraction = ""] = match;
    const milliseconds = Number(seconds) * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
    return (sign === "-" ? -milliseconds : milliseconds) + 0;
  }, "duration");
}

/** ms since the epoch as protobuf's JSON writes them: no fraction when it is a whole second. */
export function showTimestamp(milliseconds: number): string {
  const instant = Math.max(-62_135_596_800_000, Math.min(maxInstant, milliseconds));
  return new Date(instant).toISOString().replace(".000Z", "Z");
}

export function showDuration(milliseconds: number): string {
  const whole = Math.abs(milliseconds);
  const fraction = whole % 1000 === 0 ? "" : `.${String(whole % 1000).padStart(3, "0")}`;
  return `${milliseconds < 0 ? "-" : ""}${Math.floor(whole / 1000)}${fraction}s`;
}

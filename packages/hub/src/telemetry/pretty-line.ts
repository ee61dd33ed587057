const levels: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

/** One JSON log line as a short line for people: time, level, message, then the fields. */
export function prettyLine(json: string): string {
  let entry: unknown;
  try {
    entry = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof entry !== "object" || entry === null) return json;
  const { time, level, msg, ...rest } = entry as Record<string, unknown>;
  const clock = typeof time === "number" ? new Date(time).toTimeString().slice(0, 8) : "";
  const name = typeof level === "number" ? (levels[level] ?? String(level)) : "";
  const fields = Object.entries(rest)
    .map(([key, value]) => `${key}=${field(value)}`)
    .join(" ");
  return `${clock} ${name.padEnd(5)} ${oneLine(typeof msg === "string" ? msg : "")}${fields === "" ? "" : ` ${fields}`}\n`;
}

function field(value: unknown): string {
  if (
    typeof value === "object" &&
    value !== null &&
    "message" in value &&
    typeof value.message === "string"
  ) {
    return JSON.stringify(value.message);
  }
  return typeof value === "string" && /^[\w./:@-]+$/.test(value)
    ? value
    : oneLine(JSON.stringify(value) ?? "");
}

/** Nobody writes a second log line, or to the terminal's controls, through a message. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

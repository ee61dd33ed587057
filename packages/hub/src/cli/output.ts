import { styleText } from "node:util";

/**
 * Where a command writes. People read `out`; with `--json` the last line of stdout is one
 * JSON document and everything meant for people goes to stderr.
 */
export interface Output {
  readonly json: boolean;
  /** A line for people. */
  line(text?: string): void;
  /** A table for people: a header row and rows of cells. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void;
  /** The machine-readable result: printed only with `--json`, as the last line of stdout. */
  result(value: unknown): void;
  /** Text without a line end, for streamed answers. */
  write(text: string): void;
  /** Something worth a person's attention that is not an error. */
  note(text: string): void;
  readonly progressStream: NodeJS.WriteStream;
}

export function createOutput(json: boolean): Output {
  const people = json ? process.stderr : process.stdout;
  return {
    json,
    line: (text = "") => void people.write(`${text}\n`),
    write: (text) => void people.write(text),
    note: (text) => void process.stderr.write(`${dim(text)}\n`),
    table: (header, rows) => void people.write(formatTable(header, rows)),
    result: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    progressStream: process.stderr,
  };
}

/** Columns padded to their widest cell, two spaces apart; the header is dimmed. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const format = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [dim(format(header)), ...rows.map(format)].map((line) => `${line}\n`).join("");
}

export function dim(text: string): string {
  return styleText("dim", text, { validateStream: true });
}

export function bold(text: string): string {
  return styleText("bold", text, { validateStream: true });
}

export function green(text: string): string {
  return styleText("green", text, { validateStream: true });
}

export function red(text: string): string {
  return styleText("red", text, { validateStream: true });
}

/** `1234567` bytes → `1.2 MB`, decimal units as disks and downloads count. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** Seconds → `42 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds % 60)).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export function formatPercent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

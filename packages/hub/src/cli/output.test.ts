import { expect, test } from "vitest";
import { stripVTControlCharacters } from "node:util";
import { formatBytes, formatDuration, formatTable } from "./output.ts";

test("a table pads its columns to the widest cell and leaves no trailing spaces", () => {
  const text = stripVTControlCharacters(
    formatTable(
      ["NAME", "N"],
      [
        ["ember", "1"],
        ["email-triage", "12"],
      ],
    ),
  );
  expect(text).toBe("NAME          N\nember         1\nemail-triage  12\n");
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [12_345_678, "12 MB"],
  [1.5e12, "1.5 TB"],
])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0.42, "0.4 s"],
  [42, "42 s"],
  [185, "3 min 05 s"],
  [7620, "2 h 07 min"],
])("%d seconds are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

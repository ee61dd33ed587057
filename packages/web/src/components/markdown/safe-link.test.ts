import { expect, test } from "vitest";
import { safeLink } from "./safe-link.ts";

test.each([
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  " JAVASCRIPT:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:http://a/b",
  "/relative",
  "#/models",
  undefined,
])("%s is no link", (address) => {
  expect(safeLink(address)).toBeNull();
});

test.each(["http://a.example/", "https://a.example/b?c#d", "mailto:a@example.com"])(
  "%s is one",
  (address) => {
    expect(safeLink(address)).toBe(address);
  },
);

import { expect, test } from "vitest";
import { readAttachment, withAttachments } from "./attachments.ts";

test("a file's own fences do not end the one around it", () => {
  expect(withAttachments("Look:", [{ name: "a\nb.md", text: "```js\n1\n```" }])).toBe(
    "Look:\n\na b.md:\n````\n```js\n1\n```\n````",
  );
  expect(withAttachments("", [{ name: "a", text: "" }])).toBe("a:\n```\n\n```");
});

test("what is too large or no text is refused in words", async () => {
  const file = (content: BlobPart) => new File([content], "a.bin");
  await expect(readAttachment(file(new Uint8Array(1_000_001)))).rejects.toThrow(
    "has 1.00 MB, and at most 1 MB",
  );
  await expect(readAttachment(file(new Uint8Array([0xff, 0xfe, 1])))).rejects.toThrow("not a text file");
  await expect(readAttachment(file("a\0b"))).rejects.toThrow("not a text file");
  expect(await readAttachment(file("größer"))).toEqual({ name: "a.bin", text: "größer" });
});

import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { batchError, checkDisk, largestBatch } from "./check-resources.ts";

test("the largest batch is the last whose estimate is within the budget", () => {
  const needs = (batch: number) => 100 + 10 * batch;
  expect(largestBatch(needs, 145, 64)).toBe(4);
  expect(largestBatch(needs, 110, 64)).toBe(1);
  expect(largestBatch(needs, 109, 64)).toBe(0);
  expect(largestBatch(needs, 1e9, 64)).toBe(63);
});

test("a batch that cannot fit is refused with the one that would", () => {
  expect(batchError({ size: 8, largest: 3 }, 300e6, 200e6)).toMatchObject({
    code: "resource_exhausted",
    message: expect.stringContaining("the largest batch that fits is 3"),
    details: {
      field: "batch_size",
      value: 8,
      allowed: "1 to 3",
      needed_bytes: 300e6,
      available_bytes: 200e6,
    },
  });
  expect(batchError({ size: 8, largest: 0 }, 300e6, 200e6).message).toContain("not even a batch of 1 fits");
});

test("a job that would fill the disk is refused with both figures", async () => {
  const artifacts = { archiveFolder: (id: string) => join(tmpdir(), id) };
  await checkDisk(artifacts, 1);
  await expect(checkDisk(artifacts, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
    code: "resource_exhausted",
    details: { needed_bytes: Number.MAX_SAFE_INTEGER, available_bytes: expect.any(Number) },
  });
});

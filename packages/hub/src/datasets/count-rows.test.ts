import { expect, test } from "vitest";
import { abandonable } from "./count-rows.ts";

test("work that nobody waits for any more may fail without being anybody's failure", async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on("unhandledRejection", hear);
  const left = AbortSignal.abort(new Error("left"));
  const { promise: work, reject } = Promise.withResolvers<never>();
  await expect(abandonable(work, left)).rejects.toThrow("left");
  reject(new Error("died"));
  // Node tells of rejections that nobody heard before the next turn.
  await new Promise(setImmediate);
  process.off("unhandledRejection", hear);
  expect(unheard).toEqual([]);
});

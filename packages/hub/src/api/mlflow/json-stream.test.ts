import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonStream } from "./json-stream.ts";

const never = new AbortController().signal;

async function* of<T>(lists: readonly T[][]): AsyncGenerator<T[]> {
  for (const list of lists) yield list;
}

describe("answers with long lists", () => {
  it("are the JSON that JSON.stringify would make, however long and in whatever portions", async () => {
    const item = fc.oneof(fc.string(), fc.constant("x".repeat(200_000)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(item, { maxLength: 3 }), { maxLength: 5 }),
        fc.option(fc.string(), { nil: undefined }),
        async (lists, token) => {
          const rest = token === undefined ? {} : { next_page_token: token };
          const answer = await jsonStream(
            { name: "items", lists: of(lists), write: (one) => JSON.stringify(one), rest },
            never,
          );
          expect(answer.headers.get("content-type")).toBe("application/json");
          const items = lists.flat();
          expect(await answer.json()).toEqual(items.length === 0 ? rest : { items, ...rest });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("are read only as far as the client reads, and let go when it leaves", async () => {
    let given = 0;
    let ended = false;
    async function* endless(): AsyncGenerator<string[]> {
      try {
        for (;;) {
          given += 1;
          yield ["x".repeat(300_000)];
        }
      } finally {
        ended = true;
      }
    }
    const answer = await jsonStream(
      { name: "items", lists: endless(), write: (one) => JSON.stringify(one) },
      never,
    );
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value).startsWith(`{"items":["xxx`)).toBe(true);
    expect(given).toBeLessThan(10);
    await reader?.cancel();
    expect(ended).toBe(true);
  });

  it("throw what fails before anything is sent", async () => {
    async function* broken(): AsyncGenerator<string[]> {
      yield ["a"];
      throw new Error("the disk is gone");
    }
    await expect(jsonStream({ name: "items", lists: broken(), write: (one) => one }, never)).rejects.toThrow(
      "the disk is gone",
    );
    const aborted = AbortSignal.abort(new Error("stopped"));
    await expect(jsonStream({ name: "items", lists: of([["a"]]), write: String }, aborted)).rejects.toThrow(
      "stopped",
    );
  });
});

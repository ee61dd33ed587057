import type { Dataset } from "@hearth/wire/hub/datasets";
import { expect, test } from "vitest";
import type { Datasets, DatasetRow } from "../datasets/datasets.ts";
import { diffSplit } from "./diff-rows.ts";

const never = new AbortController().signal;
const chat = (answer: string, ...tools: string[]): DatasetRow => ({
  format: "chat",
  messages: [
    { role: "user", content: "Rain?" },
    { role: "assistant", content: answer },
  ],
  ...(tools.length === 0 ? {} : { tools: tools.map((name) => ({ name })) }),
});

async function diff(before: DatasetRow[], after: DatasetRow[]) {
  const rows = new Map([
    ["before", before],
    ["after", after],
  ]);
  const dataset = (id: string) => {
    const file = { file: "test.jsonl", rows: rows.get(id)?.length ?? 0, bytes: 1, sha256: id };
    return { id, splits: { test: file } } as Partial<Dataset> as Dataset;
  };
  const datasets: Pick<Datasets, "readRows" | "rows"> = {
    readRows: async function* ({ id }) {
      yield* rows.get(id) ?? [];
    },
    rows: (id, { split, offset, limit }) => {
      const all = rows.get(id) ?? [];
      return Promise.resolve({
        split,
        offset,
        total: all.length,
        items: all.slice(offset, offset + limit),
      });
    },
  };
  return await diffSplit(datasets, "test", dataset("before"), dataset("after"), never);
}

test("an order that changed is no change; the same question with another answer is one", async () => {
  const [one, other] = [chat("no"), chat("never", "look")];
  const { counts, examples } = await diff([one, one, other], [other, chat("yes"), one]);
  expect(counts).toEqual({ unchanged: 2, added: 0, removed: 0, changed: 1 });
  expect(examples).toEqual([{ kind: "changed", from_row: 2, to_row: 2, from: one, to: chat("yes") }]);
});

test("a question with other tools is another question", async () => {
  const { counts } = await diff([chat("no", "look")], [chat("no", "look", "listen")]);
  expect(counts).toEqual({ unchanged: 0, added: 1, removed: 1, changed: 0 });
});

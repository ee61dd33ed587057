import type { Model } from "@hearth/wire/hub/models";
import { expect, test } from "vitest";
import { groupModels, isUnfolded, linesOf } from "./model-groups.ts";

function model(name: string, base: string | null = null): Model {
  return {
    id: `id-${name}`,
    name,
    task_type: "chat",
    description: "",
    base_model: base,
    tags: {},
    serving: {
      slots: null,
      context: null,
      threads: null,
      kv_cache_type: null,
      keep_alive: null,
      pinned: false,
    },
    experiment_id: null,
    aliases: {},
    latest_version: 1,
    created_at: "2026-01-01T00:00:00.000Z",
  };
}
const shape = (models: Model[]) =>
  groupModels(models).map(({ name, base, adapters }) => [
    name,
    base === null,
    adapters.map((one) => one.name),
  ]);

test("models stand under what they are trained on, however it is named", () => {
  expect(
    shape([
      model("c", "base@champion"),
      model("b", "base:2"),
      model("alone"),
      model("deep", "b"),
      model("base"),
      model("by-id", "id-alone"),
    ]),
  ).toEqual([
    ["base", false, ["c", "b", "deep"]],
    ["alone", false, ["by-id"]],
  ]);
});

test("a base that is not there is a heading, and a circle has an end", () => {
  expect(shape([model("a", "gone:1"), model("b", "gone")])).toEqual([["gone", true, ["a", "b"]]]);
  expect(shape([model("a", "b"), model("b", "a")])).toHaveLength(2);
});

test("a page that begins among adapters repeats their base, and many adapters are folded", () => {
  const many = groupModels([
    model("base"),
    ...Array.from({ length: 12 }, (_, index) => model(`a${index}`, "base")),
  ]);
  expect(many.map((group) => isUnfolded(group, [], false))).toEqual([false]);
  expect(many.map((group) => isUnfolded(group, ["base"], false))).toEqual([true]);
  expect(many.map((group) => isUnfolded(group, [], true))).toEqual([true]);
  expect(linesOf(many, () => false, 1, 10)).toMatchObject({ pages: 1, lines: [{ kind: "base" }] });
  expect(linesOf(many, () => false, 9, 10).lines).toHaveLength(1);
  const second = linesOf(many, () => true, 2, 10);
  expect(second.pages).toBe(2);
  expect(second.lines.map(({ kind }) => kind)).toEqual(["base", "adapter", "adapter", "adapter"]);
});

import { expect, it } from "vitest";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { addExperiment } from "../storage/tests/samples.ts";
import { createScorers } from "./scorers.ts";

describeEachDatabase("scorers", (open) => {
  it("have versions that count up, the latest of which is meant", async () => {
    const { database } = open();
    const scorers = createScorers(database);
    const lab = await addExperiment(database.db);
    const other = await addExperiment(database.db);
    const first = await scorers.register(lab, "tone", '{"v":1}');
    const second = await scorers.register(lab, "tone", '{"v":2}');
    expect([first.version, second.version, second.scorerId]).toEqual([1, 2, first.scorerId]);
    await scorers.register(lab, "length", "{}");
    await scorers.register(other, "tone", "{}");
    expect((await scorers.list([lab])).map(({ name, version }) => [name, version])).toEqual([
      ["length", 1],
      ["tone", 2],
    ]);
    expect(await scorers.list(null)).toHaveLength(3);
    expect(await scorers.list([])).toEqual([]);
    expect((await scorers.versions(lab, "tone")).map(({ serialized }) => serialized)).toEqual([
      '{"v":1}',
      '{"v":2}',
    ]);
    expect((await scorers.get(lab, "tone", undefined)).version).toBe(2);
    expect((await scorers.get(lab, "tone", 1)).serialized).toBe('{"v":1}');
    await expect(scorers.get(lab, "tone", 3)).rejects.toMatchObject({ code: "not_found" });
    await scorers.remove(lab, "tone", 1);
    await expect(scorers.remove(lab, "tone", 1)).rejects.toMatchObject({ code: "not_found" });
    expect((await scorers.versions(lab, "tone")).map(({ version }) => version)).toEqual([2]);
    await scorers.remove(lab, "tone", undefined);
    await expect(scorers.versions(lab, "tone")).rejects.toMatchObject({ code: "not_found" });
    await expect(scorers.register(lab, "  ", "{}")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("take each number once when many register at a time", async () => {
    const { database } = open();
    const scorers = createScorers(database);
    const lab = await addExperiment(database.db);
    const made = await Promise.all(Array.from({ length: 12 }, () => scorers.register(lab, "tone", "{}")));
    expect(made.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });
});

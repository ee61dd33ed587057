import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createModelRequest } from "@hearth/wire/hub/models";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openArtifactStore, type ArtifactStore } from "../artifacts/fs/store.ts";
import { HearthError } from "../errors.ts";
import { openDatabase } from "../storage/database.ts";
import { createRuns } from "../tracking/runs.ts";
import { createRegistry, type Registry } from "./registry.ts";

type Status = "training" | "ready" | "failed" | "archived";

/** What the registry must say, kept as simply as can be. */
interface Expected {
  versions: { id: string; status: Status }[];
  aliases: Map<string, number>;
  events: string[];
}

type Action =
  | { do: "train" }
  | { do: "finish" | "fail" | "archive"; version: number }
  | { do: "alias"; alias: string; version: number }
  | { do: "unalias"; alias: string };

let home = "";
let artifacts: ArtifactStore;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-states-"));
  artifacts = await openArtifactStore({ home });
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

const alias = fc.constantFrom("champion", "canary");
/** From 1, one more than there can be: unknown versions are part of it. */
const version = fc.integer({ min: 1, max: 4 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.constant<Action>({ do: "train" }),
  fc.record({ do: fc.constantFrom("finish", "fail", "archive"), version }),
  fc.record({ do: fc.constant("alias"), alias, version }),
  fc.record({ do: fc.constant("unalias"), alias }),
);

it("keeps versions, aliases and history consistent, whatever is asked of it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      await using database = await openDatabase({ kind: "sqlite", path: ":memory:" });
      const registry = createRegistry({
        database,
        artifacts,
        experiments: createRuns({ database }),
        dataPaths: [],
      });
      await registry.createModel(createModelRequest.parse({ name: "m" }), AbortSignal.any([]));
      const expected: Expected = { versions: [], aliases: new Map(), events: ["created"] };
      for (const step of actions) {
        const code = predict(expected, step);
        const answer = await apply(registry, expected, step).catch((error: unknown) => error);
        if (code === null) expect(answer).not.toBeInstanceOf(Error);
        else expect(answer instanceof HearthError ? answer.code : answer).toBe(code);
        await expectSame(registry, expected);
      }
    }),
    { numRuns: 60 },
  );
});

/** The error that a step must give, or null after taking the step in `expected`. */
function predict(expected: Expected, step: Action): string | null {
  if (step.do === "train") {
    expected.versions.push({ id: "", status: "training" });
    expected.events.push("version_added");
    return null;
  }
  if (step.do === "unalias") {
    if (!expected.aliases.delete(step.alias)) return "not_found";
    expected.events.push("alias_removed");
    return null;
  }
  const found = expected.versions[step.version - 1];
  if (found === undefined) return "not_found";
  const needed: Status = step.do === "finish" || step.do === "fail" ? "training" : "ready";
  if (found.status !== needed) return "conflict";
  if (step.do === "alias") {
    const before = expected.aliases.get(step.alias);
    if (before !== step.version)
      expected.events.push(before !== undefined && before > step.version ? "rolled_back" : "promoted");
    expected.aliases.set(step.alias, step.version);
    return null;
  }
  if (step.do === "archive" && [...expected.aliases.values()].includes(step.version)) return "conflict";
  const next = { finish: "ready", fail: "failed", archive: "archived" } as const;
  found.status = next[step.do];
  expected.events.push(`version_${found.status}`);
  return null;
}

async function apply(registry: Registry, expected: Expected, step: Action): Promise<unknown> {
  if (step.do === "train") {
    const created = await registry.createVersion({ model: "m", kind: "full" });
    const last = expected.versions.at(-1);
    if (last !== undefined) last.id = created.id;
    return created;
  }
  if (step.do === "alias") return await registry.setAlias("m", step.alias, step.version);
  if (step.do === "unalias") return await registry.removeAlias("m", step.alias);
  const id = expected.versions[step.version - 1]?.id ?? "unknown";
  if (step.do === "fail") return await registry.markFailed(id, { code: "training_failed", message: "no" });
  if (step.do === "archive") return await registry.archiveVersion(id);
  return await registry.markReady(id, { artifactPath: "/x", sha256: "0".repeat(64), checksums: {} });
}

async function expectSame(registry: Registry, expected: Expected): Promise<void> {
  const page = { page: 1, page_size: 200 };
  const model = await registry.getModel("m");
  expect(model.aliases).toEqual(Object.fromEntries(expected.aliases));
  expect(model.latest_version).toBe(expected.versions.length === 0 ? null : expected.versions.length);
  const versions = (await registry.versions("m", page)).items.toReversed();
  expect(versions.map((one) => one.status)).toEqual(expected.versions.map((one) => one.status));
  for (const one of versions) {
    expect(one.aliases.toSorted()).toEqual(
      [...expected.aliases]
        .filter(([, number]) => number === one.version)
        .map(([name]) => name)
        .toSorted(),
    );
  }
  expect((await registry.history("m", page)).items.map((event) => event.kind).toReversed()).toEqual(
    expected.events,
  );
  const latestReady = expected.versions.findLastIndex((one) => one.status === "ready") + 1;
  const served = expected.aliases.get("champion") ?? (latestReady > 0 ? latestReady : null);
  const resolved = await registry.resolve("m").catch((error: unknown) => error);
  if (served === null) expect(resolved).toMatchObject({ code: "conflict" });
  else expect(resolved).toMatchObject({ version: served, status: "ready" });
  const plain = await registry.served("m").catch((error: unknown) => error);
  expect(plain).toMatchObject(served === null ? { code: "conflict" } : { version: served });
}

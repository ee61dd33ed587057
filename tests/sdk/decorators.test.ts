import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { TrackingClient } from "@hearth/sdk/tracking";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MemoryServer } from "../../packages/sdk/src/tracking/memory-server.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules/.bin/tsc");

/** Decorators as TypeScript's users write them; Node runs none of this syntax, so the compiler lowers it. */
const source = `
import { currentRun, track, type TrackingClient } from "@hearth/sdk/tracking";

export function makeTrainer(client: TrackingClient) {
  class Trainer {
    private readonly rate = 2;

    @track({ client })
    fit(epochs: number): number {
      return this.rate * this.step(epochs);
    }

    @track({ client, name: "one step" })
    step = (epochs: number): number => epochs + 1;

    @track({ client })
    static async load(name: string): Promise<string> {
      await Promise.resolve();
      return name + String(currentRun() !== undefined);
    }

    @track({ client })
    *batches(count: number): Generator<number> {
      for (let batch = 0; batch < count; batch++) yield batch * this.rate;
    }
  }
  return Trainer;
}
`;

let folder = "";
beforeAll(async () => {
  // Inside the repository, so that the compiled file finds the packages.
  await mkdir(join(root, ".cache"), { recursive: true });
  folder = await mkdtemp(join(root, ".cache", "decorators-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("methods, static methods, fields and generators under a real @track", async () => {
  const options = { module: "nodenext", target: "es2024", strict: true, skipLibCheck: true, types: [] };
  const settings = {
    compilerOptions: { ...options, noCheck: true, noEmitOnError: false },
    files: ["trainer.mts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
  await writeFile(join(folder, "trainer.mts"), source);
  await run(tsc, ["--project", folder, "--outDir", folder, "--rootDir", folder]);
  const compiled = (await import(pathToFileURL(join(folder, "trainer.mjs")).href)) as {
    makeTrainer: (client: TrackingClient) => {
      new (): { fit(epochs: number): number; batches(count: number): Generator<number> };
      load(name: string): Promise<string>;
    };
  };
  const server = new MemoryServer();
  const client = new TrackingClient({ url: "http://server", fetch: server.fetch });
  const Trainer = compiled.makeTrainer(client);
  const trainer = new Trainer();
  expect(trainer.fit(3)).toBe(8);
  expect([...trainer.batches(3)]).toEqual([0, 2, 4]);
  expect(await Trainer.load("a")).toBe("atrue");
  await client.flush();
  const names = server.runs.map(({ name }) => name);
  expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(["batches", "fit", "load", "one step"]);
  expect(server.run("one step").tags["mlflow.parentRunId"]).toBe(server.run("fit").id);
  expect(server.run("fit")).toMatchObject({ status: "FINISHED", params: { epochs: "3" } });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonWith } from "../peers/python-peer.ts";
import { TestHub } from "../test-hub.ts";
import { artifacts } from "./conformance/artifacts.ts";
import { converse, type Exchange } from "./conformance/converse.ts";
import { datasets } from "./conformance/datasets.ts";
import { experiments } from "./conformance/experiments.ts";
import { loggedModels } from "./conformance/logged-models.ts";
import { otlp } from "./conformance/otlp.ts";
import { pages } from "./conformance/pages.ts";
import { registry } from "./conformance/registry.ts";
import { runs, runSearch } from "./conformance/runs.ts";
import { server } from "./conformance/server.ts";
import type { Step } from "./conformance/step.ts";
import { traces } from "./conformance/traces.ts";
import { webhooks } from "./conformance/webhooks.ts";
import { MlflowServer } from "./mlflow-server.ts";

const python = await pythonWith("mlflow");

/** The same requests, valid and hostile, to MLflow's own server and to Hearth: the answers agree. */
describe.skipIf(python === undefined)("the answers of MLflow's own server", () => {
  let hub: TestHub;
  let mlflow: MlflowServer;
  beforeAll(async () => {
    mlflow = await MlflowServer.start(python ?? "");
    hub = await TestHub.start();
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
    await mlflow[Symbol.asyncDispose]();
  });

  describe.each<[string, readonly Step[]]>([
    ["server", server],
    ["experiments", experiments],
    ["runs", runs],
    ["search for runs", runSearch],
    ["registry", registry],
    ["logged models", loggedModels],
    ["artifacts", artifacts],
    ["traces", traces],
    ["OTLP", otlp],
    ["datasets", datasets],
    ["pages", pages],
    ["webhooks", webhooks],
  ])("%s", (_, steps) => {
    let theirs: Map<string, Exchange>;
    let ours: Map<string, Exchange>;
    beforeAll(async () => {
      [theirs, ours] = await Promise.all([converse(mlflow.url, steps), converse(hub.url, steps)]);
    }, 240_000);

    test.each(steps.map((step) => [step.name, step] as const))("%s", (name, step) => {
      const expected = theirs.get(name);
      const found = ours.get(name);
      if (!step.differs) return expect(found).toEqual(expected);
      const { status, error_code } = step.differs;
      expect({ status: found?.status, error_code: found?.errorCode }).toEqual({ status, error_code });
      // A difference that is gone has to leave this list.
      expect({ status: expected?.status, error_code: expected?.errorCode }).not.toEqual({
        status,
        error_code,
      });
    });
  });
});

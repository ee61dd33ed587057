/**
 * The process that sends what another could not: it reads an ExitParcel from standard input, sends
 * it, and ends with 0, or with 1 and the reason as the last line of standard error.
 */
import { reasonOf } from "./errors.ts";
import type { ExitParcel } from "./exit.ts";
import { RunOutbox } from "./outbox.ts";
import type { Unsent } from "./unsent.ts";
import { node } from "./platform/node.ts";
import { describeEnvironment } from "./provenance/environment.ts";
import { Rest } from "./rest.ts";

const modules = node();
if (modules === null) throw new Error("exit-sender.ts is started by Node");
const { process } = modules;
const parcel = JSON.parse(modules.fs.readFileSync(0, "utf8")) as ExitParcel;
const outboxes = parcel.servers.flatMap(({ url, headers, runs }) => {
  const rest = new Rest({ url, headers });
  const built = new Map<string, RunOutbox>();
  const byKey = new Map(runs.map((run) => [run.creation.key, run]));
  for (const run of runs) build(run, rest, byKey, built);
  return [...built.values()];
});
const results = await Promise.allSettled(outboxes.map((outbox) => outbox.flush(parcel.timeoutMs)));
for (const result of results) {
  if (result.status === "fulfilled") continue;
  process.stderr.write(`${reasonOf(result.reason)}\n`);
  process.exitCode = 1;
}
// A request that nobody answers must not keep this process.
process.exit();

/** Parents first: a child's creation waits for its parent's. */
function build(
  unsent: Unsent,
  rest: Rest,
  byKey: ReadonlyMap<string, Unsent>,
  built: Map<string, RunOutbox>,
): RunOutbox {
  const known = built.get(unsent.creation.key);
  if (known !== undefined) return known;
  const parent = unsent.parentKey === null ? undefined : byKey.get(unsent.parentKey);
  const tags = unsent.parentId === null ? {} : { "mlflow.parentRunId": unsent.parentId };
  const outbox = new RunOutbox({
    rest,
    creation: { ...unsent.creation, tags: { ...unsent.creation.tags, ...tags } },
    parent: parent === undefined || unsent.parentId !== null ? null : build(parent, rest, byKey, built),
    ...(unsent.existing === null ? {} : { existing: unsent.existing }),
    environment: describeEnvironment,
    maxBuffered: 1000,
    flushIntervalMs: 0,
    onDrop: () => undefined,
    onSettled: () => undefined,
  });
  outbox.restore(unsent);
  built.set(unsent.creation.key, outbox);
  return outbox;
}

import { expect, it } from "vitest";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import type { DecidedCall } from "../approvals.ts";
import { createAudit } from "./audit.ts";

const change = { name: "start_job", changes: true };
const look = { name: "list_models", changes: false };
const place = { session_id: "s", message_id: "m", call_id: "c" };
const request = { ...place, origin: "chat" as const, input: { model: "a", list: [1, { x: null }] } };
const decision = (more: Partial<DecidedCall> = {}): DecidedCall & { changes: boolean } => ({
  sessionId: "s",
  messageId: "m",
  callId: "c",
  approvalId: "p",
  tool: "start_job",
  input: { list: [1, { x: null }], model: "a" },
  approved: true,
  reason: null,
  changes: true,
  ...more,
});

describeEachDatabase("the audit of tools", (open) => {
  const start = (now: () => number = Date.now) => createAudit(open().database, now);
  const all = async (audit: ReturnType<typeof start>) =>
    (await audit.list({ page: 1, page_size: 100 })).items.map(({ status }) => status).toSorted();

  it("gives an approval out once, also to many that come at once", async () => {
    const audit = start();
    await audit.decide([decision()]);
    const given = await Promise.all(Array.from({ length: 20 }, () => audit.begin(change, request)));
    expect(given.filter((id) => id !== null)).toHaveLength(1);
    expect(await all(audit)).toEqual([...Array.from({ length: 19 }, () => "refused"), "running"]);
  });

  it("keeps what was decided, whatever is said later", async () => {
    const audit = start();
    await audit.decide([decision({ approved: false, reason: "no" })]);
    await audit.decide([decision()]);
    expect(await audit.begin(change, request)).toBeNull();
    expect(await all(audit)).toEqual(["denied", "refused"]);
    // Asked again, under another approval, it is another question.
    await audit.decide([decision({ approvalId: "p2" })]);
    expect(await audit.begin(change, request)).not.toBeNull();
  });

  it("lets no call that only looks take the place of one that was allowed", async () => {
    const audit = start();
    await audit.decide([decision()]);
    const id = await audit.begin(look, request);
    await audit.end(id ?? "", { status: "done", output: "1" });
    expect(await audit.begin(change, request)).not.toBeNull();
    expect(await all(audit)).toEqual(["done", "running"]);
  });

  it("closes what an earlier hub did not see the end of, and leaves the rest", async () => {
    const audit = start(() => 1_000);
    await audit.begin(look, request);
    await audit.decide([decision()]);
    await audit.recover();
    const { items } = await audit.list({ page: 1, page_size: 10, session_id: "s" });
    expect(items.map(({ tool, status }) => `${tool}: ${status}`).toSorted()).toEqual([
      "list_models: failed",
      "start_job: approved",
    ]);
    expect(items.find(({ tool }) => tool === "list_models")).toMatchObject({
      error: expect.stringContaining("not known"),
      ended_at: "1970-01-01T00:00:01.000Z",
    });
    expect(await audit.list({ page: 1, page_size: 10, session_id: "t" })).toMatchObject({ total: 0 });
  });
});

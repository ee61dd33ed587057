import { z } from "zod";
import type { TestHub } from "../test-hub.ts";
import { emberHub } from "../openai/ember-hub.ts";
import { addRoomyModel } from "../openai/random-models.ts";

/** A hub for clients as they are: `ember` answers in words, `roomy` has room for tools and says anything. */
export async function clientsHub(): Promise<TestHub> {
  const hub = await emberHub();
  await addRoomyModel(hub);
  return hub;
}

/** What the grammar makes of the words of a model without any sense. */
export const weather = z.object({ city: z.enum(["Rome", "Paris"]), days: z.number().int().min(1).max(5) });

export const question = "What is the capital of Italy?";
export const answer = "The capital of Italy is Rome.";

/** Aborts until one abort came before the end of its answer: random weights may end one at any token. */
export async function untilCancelled(hub: TestHub, abort: () => Promise<void>): Promise<void> {
  for (let status = "ok"; status === "ok";) {
    await abort();
    let active = 1;
    while (active > 0) active = (await hub.client.status()).inference.active;
    status = (await hub.client.traces.list()).items[0]?.status ?? "none";
    if (status !== "ok" && status !== "cancelled") throw new Error(`an abort ended as ${status}`);
  }
}

import { join } from "node:path";
import { TestHub, type TestHubOptions } from "../test-hub.ts";

const file = join(import.meta.dirname, "../../models/ember/ember.gguf");

/** A hub that serves the starter model as `ember`: unlike random weights it says different things, and ends. */
export async function emberHub(options: TestHubOptions = {}): Promise<TestHub> {
  const hub = await TestHub.start(options);
  await hub.client.models.create({ name: "ember", task_type: "chat", path: file });
  return hub;
}

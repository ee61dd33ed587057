import { HearthClient } from "@hearth/sdk";

/** Addresses inside the page of what was made, without their `#/`. */
export interface MadeData {
  job: string;
  charts: string;
  run: string;
  version: string;
  /** The id of an answer's trace. */
  trace: string;
}

/** How long the training may take; what is not done by then is cancelled and shown as such. */
const trainingMs = 120_000;
const questions = [
  "Who lives in the mill?",
  "What grows by the river?",
  "Tell me a short story about a fox.",
];

/** A short training of ember on an example, and some answers: all real. */
export async function makeData(url: string, example: string, ember: string): Promise<MadeData> {
  const hub = new HearthClient({ url });
  await hub.models.create({ name: "ember", task_type: "chat", path: ember });
  const dataset = await hub.datasets.create({ name: "email-triage", path: example });
  await hub.models.create({ name: "triage", task_type: "classification", base_model: "ember" });
  const job = await hub.jobs.create({
    model_id: "triage",
    dataset_id: dataset.id,
    epochs: 0.2,
    sequence_length: 128,
  });
  const stop = AbortSignal.timeout(trainingMs);
  try {
    for await (const event of hub.jobs.events(job.id, { signal: stop })) {
      if (event.type === "progress")
        console.log(`training: step ${event.progress.step} of ${event.progress.steps}`);
    }
  } catch (error) {
    if (!stop.aborted) throw error;
    console.warn("the training took too long and is cancelled");
    await hub.jobs.cancel(job.id);
  }
  let trace = "";
  for (const prompt of questions) {
    const answer = await hub.inference.run({ model_id: "ember", prompt, max_tokens: 60, seed: 1 });
    trace = answer.trace_id;
  }
  const { experiment_id: experiment } = await hub.runs.get(job.run_id);
  return {
    job: `training/jobs/${job.id}`,
    charts: `experiments/${experiment}/charts`,
    run: `experiments/${experiment}/runs/${job.run_id}`,
    version: `models/triage/versions/${job.version}`,
    trace,
  };
}

import type { TrainingSample } from "@hearth/wire/hub/training";
import type { Selectable } from "kysely";
import type { Database } from "../storage/database.ts";
import { storableText } from "../storage/storable-text.ts";
import type { TrainingSampleTable } from "../storage/tables/training.ts";

/** What models said in the middle of their training. */
export class TrainingSamples {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores those that are not stored yet, and gives them back when they are on disk: a resumed trainer repeats the last ones. */
  async add(jobId: string, samples: readonly TrainingSample[]): Promise<TrainingSample[]> {
    if (samples.length === 0) return [];
    const rows = await this.#database.write((db) =>
      db
        .insertInto("training_samples")
        .values(samples.map((sample) => rowOf(jobId, sample)))
        .onConflict((conflict) => conflict.columns(["job_id", "step", "prompt_index"]).doNothing())
        .returningAll()
        .execute(),
    );
    return rows.map(presentSample).toSorted(inOrder);
  }

  /** Removes those of steps after this one: the run does them again, another way. */
  async removeAfter(jobId: string, step: number): Promise<void> {
    await this.#database.write((db) =>
      db.deleteFrom("training_samples").where("job_id", "=", jobId).where("step", ">", step).execute(),
    );
  }

  /** All of a job, by step and then by prompt. */
  async list(jobId: string): Promise<TrainingSample[]> {
    const rows = await this.#database.db
      .selectFrom("training_samples")
      .selectAll()
      .where("job_id", "=", jobId)
      .orderBy("step")
      .orderBy("prompt_index")
      .execute();
    return rows.map(presentSample);
  }
}

/** A model that has learned nothing yet says anything. */
function rowOf(jobId: string, sample: TrainingSample): TrainingSampleTable {
  return {
    job_id: jobId,
    step: sample.step,
    prompt_index: sample.index,
    prompt: storableText(sample.prompt),
    expected: sample.expected === null ? null : storableText(sample.expected),
    answer: storableText(sample.answer),
    complete: sample.complete ? 1 : 0,
    seconds: sample.seconds,
  };
}

function presentSample(row: Selectable<TrainingSampleTable>): TrainingSample {
  return {
    step: Number(row.step),
    index: row.prompt_index,
    prompt: row.prompt,
    expected: row.expected,
    answer: row.answer,
    complete: row.complete === 1,
    seconds: row.seconds,
  };
}

function inOrder(one: TrainingSample, other: TrainingSample): number {
  return one.step - other.step || one.index - other.index;
}

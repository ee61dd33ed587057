import { randomUUID } from "node:crypto";
import type { Queries } from "../database.ts";

/** Adds an experiment and tells its id. */
export async function addExperiment(db: Queries, name: string = randomUUID()): Promise<string> {
  const id = randomUUID();
  await db
    .insertInto("experiments")
    .values({ id, name, lifecycle_stage: "active", created_at: 1, updated_at: 1 })
    .execute();
  return id;
}

/** The names of all experiments, sorted. */
export async function experimentNames(db: Queries): Promise<string[]> {
  const rows = await db.selectFrom("experiments").select("name").orderBy("name").execute();
  return rows.map((row) => row.name);
}

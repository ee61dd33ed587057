import { z } from "zod";
import type { Queries } from "../storage/database.ts";
import type { Trainers } from "./trainers/trainers.ts";

/** More than this nobody looks through; the newest are the ones that are told. */
const mostBases = 5000;

const summary = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** References (`name:3`) of the versions that a trainer can start from here, by name, the newest version of each first. */
export async function listBases(db: Queries, trainers: Trainers): Promise<string[]> {
  const rows = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name", "model_versions.version", "model_versions.summary"])
    .where("model_versions.status", "=", "ready")
    .where("model_versions.kind", "=", "full")
    .where("model_versions.summary", "is not", null)
    .orderBy("model_versions.created_at", "desc")
    .limit(mostBases)
    .execute();
  return rows
    .filter((row) => trainers.canStartFrom(summary.parse(JSON.parse(row.summary ?? "{}"))))
    .toSorted((a, b) => (a.name === b.name ? b.version - a.version : a.name < b.name ? -1 : 1))
    .map(({ name, version }) => `${name}:${version}`);
}

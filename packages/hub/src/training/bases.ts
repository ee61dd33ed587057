import { z } from "zod";
import type { Queries } from "../storage/database.ts";

/** More than this nobody looks through; the newest are the ones that are told. */
const mostBases = 5000;

const summary = z.record(z.string(), z.unknown());

/** References (`name:3`) of the versions that a job can start from, by name, the newest version of each first. */
export async function listBases(db: Queries): Promise<string[]> {
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
    .filter((row) => isTrainable(summary.parse(JSON.parse(row.summary ?? "{}"))))
    .toSorted((a, b) => (a.name === b.name ? b.version - a.version : a.name < b.name ? -1 : 1))
    .map(({ name, version }) => `${name}:${version}`);
}

/** The embedded trainer reads GGUF files of Llama's architecture. */
export function isTrainable(file: Record<string, unknown>): boolean {
  return file["format"] !== "mlx" && file["architecture"] === "llama";
}

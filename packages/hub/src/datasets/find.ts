import { closestNames } from "../closest-names.ts";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import type { DatasetTable } from "../storage/tables/datasets.ts";

/**
 * A dataset by id, by name (its latest version) or by `name:2`.
 *
 * @throws HearthError `not_found` with the closest names
 */
export async function findDataset(db: Queries, reference: string): Promise<DatasetTable> {
  const known = reference.includes("\0") ? undefined : await lookUp(db, reference);
  if (known !== undefined) return known;
  const rows = await db.selectFrom("datasets").select("name").distinct().limit(10_000).execute();
  const names = rows.map((row) => row.name);
  const closest = closestNames(reference.replace(/:\d+$/, ""), names);
  const hint =
    closest.length > 0
      ? `The closest: ${closest.join(", ")}.`
      : names.length === 0
        ? "No datasets are registered yet."
        : "";
  throw new HearthError(
    "not_found",
    `There is no dataset ${JSON.stringify(reference.slice(0, 300))}. ${hint}`.trimEnd(),
    {
      details: { dataset: reference.slice(0, 300), closest },
    },
  );
}

async function lookUp(db: Queries, reference: string): Promise<DatasetTable | undefined> {
  const byId = await db.selectFrom("datasets").selectAll().where("id", "=", reference).executeTakeFirst();
  if (byId !== undefined) return byId;
  const numbered = /^(?<name>[^:]+):(?<version>[1-9]\d{0,8})$/.exec(reference)?.groups;
  const named = db
    .selectFrom("datasets")
    .selectAll()
    .where("name", "=", numbered?.["name"] ?? reference);
  const one =
    numbered === undefined
      ? named.orderBy("version", "desc").limit(1)
      : named.where("version", "=", Number(numbered["version"]));
  return await one.executeTakeFirst();
}

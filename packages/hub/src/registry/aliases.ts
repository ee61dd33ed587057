import { aliasName } from "@hearth/wire/hub/common";
import { HearthError } from "../errors.ts";
import { insertEvent } from "./events.ts";
import { presentModels } from "./present.ts";
import { findModel, findVersion } from "./references.ts";
import type { Registry, RegistryContext } from "./registry.ts";
import { setVersionTags } from "./version-tags.ts";

/** Characters of the checks of a gate that are kept as a tag. */
const maxGateLength = 5000;

/** The names that versions are served under. An alias always points to a ready version of its model. */
export function createAliases({
  database,
  now,
}: RegistryContext): Pick<Registry, "setAlias" | "removeAlias"> {
  const model = async (id: string) => {
    const [shown] = await presentModels(database.db, [await findModel(database.db, id)]);
    if (shown === undefined) throw new Error("unreachable: one row in, one model out");
    return shown;
  };
  return {
    setAlias: (idOrName, alias, number, details = {}) =>
      database.transaction(async (db) => {
        const checked = aliasName.safeParse(alias);
        if (!checked.success) {
          const why = checked.error.issues.map((issue) => issue.message).join("; ");
          throw new HearthError("invalid_request", `${JSON.stringify(alias)} cannot be an alias: ${why}.`, {
            details: { field: "alias", value: alias },
          });
        }
        const { id, name } = await findModel(db, idOrName);
        // Also the lock that makes changes of one model follow each other in PostgreSQL.
        await db
          .updateTable("models")
          .set((row) => ({ updated_at: row.ref("updated_at") }))
          .where("id", "=", id)
          .execute();
        const { version } = await findVersion(db, `${id}:${number}`);
        if (version.status !== "ready") {
          throw new HearthError(
            "conflict",
            `${name}:${number} is ${version.status}; only a ready version can be ${alias}.`,
            { details: { model: name, version: number, status: version.status } },
          );
        }
        const before = await db
          .selectFrom("model_aliases")
          .select("version")
          .where("model_id", "=", id)
          .where("alias", "=", alias)
          .executeTakeFirst();
        if (before?.version !== number) {
          await db
            .insertInto("model_aliases")
            .values({ model_id: id, alias, version: number, updated_at: now() })
            .onConflict((conflict) =>
              conflict.columns(["model_id", "alias"]).doUpdateSet({ version: number, updated_at: now() }),
            )
            .execute();
          const back = details["rollback"] === true || (before !== undefined && before.version > number);
          const kind = back ? "rolled_back" : "promoted";
          const event = {
            kind,
            version: number,
            details: { ...details, alias, previous_version: before?.version ?? null },
          };
          await insertEvent(db, id, event, now());
          const checks = details["checks"];
          if (checks !== undefined) {
            await setVersionTags(db, version.id, {
              [`hearth.gate.${alias}`]: JSON.stringify(checks).slice(0, maxGateLength),
            });
          }
        }
        return await model(id);
      }),
    removeAlias: (idOrName, alias) =>
      database.transaction(async (db) => {
        const { id } = await findModel(db, idOrName);
        // Throws when there is no such alias, with those that there are.
        const { version } = await findVersion(db, `${id}@${alias}`);
        await db.deleteFrom("model_aliases").where("model_id", "=", id).where("alias", "=", alias).execute();
        await insertEvent(
          db,
          id,
          { kind: "alias_removed", version: version.version, details: { alias } },
          now(),
        );
        return await model(id);
      }),
  };
}

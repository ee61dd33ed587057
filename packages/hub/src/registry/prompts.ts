import { sql, type RawBuilder, type SqlBool } from "kysely";
import { promptTag } from "../search/search.ts";

/** Leaves out the models that are prompts: they are no models to train or to serve. */
export function withoutPrompts(): RawBuilder<SqlBool> {
  return sql<SqlBool>`not exists (select 1 from model_tags where model_tags.model_id = models.id
    and model_tags.key = ${promptTag} and lower(model_tags.value) = 'true')`;
}

import { list, message, text, type Field } from "./fields.ts";

/** `[{key, value}]`; a value that is not set is empty. */
export function tagList(): Field<{ key: string; value: string }[]> {
  return list(message({ key: text().required(), value: text().or("") }).required());
}

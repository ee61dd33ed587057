import { splitName } from "@hearth/wire/hub/datasets";
import { z } from "zod";

/** More columns than these nobody reads. */
export const mostVersions = 4;

/** `of=a:2&of=b:1`, or one alone. */
const references = z.union([z.array(z.coerce.string()), z.string().transform((one) => [one])]).catch([]);

/** What is compared, and which rows are looked at. */
export const compareSearch = z.object({
  /** `name:3`, `name@alias` or `name` each. */
  of: references,
  /** Leave out what is equal. */
  different: z.boolean().optional().catch(undefined),
  /** Id or name. */
  dataset: z.coerce.string().optional().catch(undefined),
  split: splitName.optional().catch(undefined),
  page: z.int().min(1).optional().catch(undefined),
});
export type CompareSearch = z.infer<typeof compareSearch>;

/** `2,3` → `name:2`, `name:3`; what is no number stays an alias. */
export function referencesOf(name: string, versions: string): string[] {
  return versions
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one) => (/^\d+$/.test(one) ? `${name}:${one}` : `${name}@${one}`));
}

/** Address of a comparison. */
export function compareAddress(references: readonly string[]): string {
  return `#/compare-versions?${references.map((one) => `of=${encodeURIComponent(one)}`).join("&")}`;
}

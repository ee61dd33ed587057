import { gateCheck, type ModelEvent } from "@hearth/wire/hub/models";
import { z } from "zod";
import { printable } from "./printable.ts";

const move = z.object({
  alias: z.string(),
  previous_version: z.int().nullable().catch(null),
  checks: z.array(gateCheck).catch([]),
});

/** What a line of a model's history tells beside its kind: of an alias, who held it and what each gate found. */
export function historyDetails({ details }: ModelEvent): string {
  const { by: _by, ...rest } = details;
  const moved = move.safeParse(details);
  if (!moved.success) return printable(JSON.stringify(rest));
  const { alias, previous_version: previous, checks } = moved.data;
  const gates = checks.map(({ passed, expression, value }) => {
    const figure = value === null ? "not measured" : String(Number(value.toPrecision(5)));
    return `${passed ? "✓" : "✗"} ${expression} (${figure})`;
  });
  return printable(
    [`@${alias}`, ...(previous === null ? [] : [`before: version ${previous}`]), ...gates].join(", "),
  );
}

/** Who did it, where that was written down. */
export function historyActor({ details }: ModelEvent): string {
  return typeof details["by"] === "string" ? printable(details["by"]) : "";
}

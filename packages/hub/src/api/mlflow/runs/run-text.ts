import type { RunText } from "../../../tracking/runs.ts";
import { presentInputs, presentOutputs, presentRunInfo } from "./present.ts";

/** A run as JSON text; its lists are text already. */
export function runText({ run, params, tags, metrics }: RunText): string {
  const lists = [named("metrics", metrics), named("params", params), named("tags", tags)];
  return (
    `{"info":${JSON.stringify(presentRunInfo(run))},"data":{${lists.filter((list) => list !== "").join(",")}},` +
    `"inputs":${JSON.stringify(presentInputs(run))},"outputs":${JSON.stringify(presentOutputs(run))}}`
  );
}

/** As everywhere, an empty list is left out. */
function named(name: string, list: string): string {
  return list === "[]" ? "" : `"${name}":${list}`;
}

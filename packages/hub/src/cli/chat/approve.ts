import type { Output } from "../output.ts";
import { plainJson, printable } from "../printable.ts";
import type { Lines } from "./lines.ts";
import type { Ask } from "./talk.ts";

/** Asks the person; where there is none, only what was allowed beforehand may change anything. */
export function askPerson(lines: Lines, output: Output, allowChanges: boolean): Ask {
  return async (tool, input) => {
    output.note(`${printable(tool)} wants to run with\n${plainJson(input)}`);
    if (!lines.isTerminal) {
      output.note(allowChanges ? "allowed by --allow-changes" : "refused; --allow-changes would allow it");
      if (allowChanges) return { approved: true };
      return { approved: false, reason: "There is no person to ask: standard input is no terminal." };
    }
    const answer = await lines.fresh("Allow it? [y/N] ");
    return { approved: /^\s*y(es)?\s*$/i.test(answer ?? "") };
  };
}

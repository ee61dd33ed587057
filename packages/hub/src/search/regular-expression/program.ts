import type { Assertion, Node, Ranges } from "./syntax.ts";

/** One step of a non-deterministic automaton; numbers are places in the program. */
export type Step =
  | { kind: "characters"; ranges: Ranges; next: number }
  | { kind: "assertion"; where: Assertion; next: number }
  | { kind: "split"; next: readonly number[] }
  | { kind: "match" };

export interface Program {
  steps: readonly Step[];
  start: number;
}

/** Counted repetitions are written out, so this bounds memory and time for every character. */
export const maxSteps = 500;
/** Nested repetitions of nothing add no step and would still be written out. */
const maxVisits = 50 * maxSteps;

/**
 * Thompson's construction (CACM 11(6), 1968), from the end to the beginning.
 *
 * @returns undefined when the program would have more than `maxSteps` steps
 */
export function compileProgram(root: Node): Program | undefined {
  const steps: Step[] = [{ kind: "match" }];
  let tooLong = false;
  let visits = 0;
  const add = (step: Step): number => {
    if (steps.length >= maxSteps) tooLong = true;
    else steps.push(step);
    return steps.length - 1;
  };
  /** The place where `node`, and then whatever is at `next`, begins. */
  const build = (node: Node, next: number): number => {
    visits += 1;
    if (visits > maxVisits) tooLong = true;
    if (tooLong) return next;
    switch (node.kind) {
      case "characters":
        return add({ kind: "characters", ranges: node.ranges, next });
      case "assertion":
        return add({ kind: "assertion", where: node.where, next });
      case "sequence":
        return node.nodes.reduceRight((after, part) => build(part, after), next);
      case "either":
        return add({ kind: "split", next: node.nodes.map((part) => build(part, next)) });
      case "repeat":
        return repeat(node, next);
    }
  };
  const repeat = ({ node, least, most }: Node & { kind: "repeat" }, next: number): number => {
    let place = next;
    if (most === Infinity) {
      const targets: number[] = [];
      const loop = add({ kind: "split", next: targets });
      targets.push(build(node, loop), next);
      place = loop;
    } else {
      for (let count = least; count < most && !tooLong; count += 1) {
        place = add({ kind: "split", next: [build(node, place), next] });
      }
    }
    for (let count = 0; count < least && !tooLong; count += 1) place = build(node, place);
    return place;
  };
  const start = build(root, 0);
  return tooLong ? undefined : { steps, start };
}

import { randomUUID } from "node:crypto";

/** Ids of responses and their items are made of the answer's trace, so that each leads to the others. */
export function responseId(traceId: string): string {
  return `resp_${traceId.replaceAll("-", "")}`;
}

const prefixes = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  function_call_output: "fco",
} as const;

/** The id of number `place` of a response's output. */
export function itemId(type: keyof typeof prefixes, response: string, place: number): string {
  return `${prefixes[type]}_${response.slice("resp_".length)}_${place}`;
}

/** An id for an item that came without one. */
export function newItemId(type: keyof typeof prefixes): string {
  return `${prefixes[type]}_${randomUUID().replaceAll("-", "")}`;
}

/** The response whose output an item is in, by its id; null when it is not one of this hub's. */
export function responseOfItem(id: string): string | null {
  const [, digits] = /^(?:msg|rs|fc)_([0-9a-f]{32})_\d+$/.exec(id) ?? [];
  return digits === undefined ? null : `resp_${digits}`;
}

import { randomUUID } from "node:crypto";
import type { ToolCallDelta } from "../../engine.ts";
import type { WireToolCall } from "./chunk.ts";

interface OpenCall {
  /** The number in our own answer. */
  place: number;
  id: string | null;
}

const mostCalls = 128;

/** A stream of calls that cannot be put together. */
export class BrokenToolCall extends Error {}

/**
 * Puts together the calls of an answer. Servers send them whole or in parts, some without an index or with the
 * index 0 for each: what has another id is another call, and so is what has a name but neither index nor id.
 */
export class ToolCallReader {
  readonly #byIndex = new Map<number, OpenCall>();
  #last: OpenCall | null = null;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Errors: BrokenToolCall. */
  read(part: WireToolCall): ToolCallDelta {
    const { function: called } = part;
    const given = called?.arguments ?? "";
    const text = typeof given === "string" ? given : JSON.stringify(given);
    const name = filled(called?.name);
    const id = filled(part.id);
    const known = this.#known(part.index ?? null, id, name);
    if (known !== null) return { index: known.place, arguments: text };
    if (name === null) throw new BrokenToolCall("a call of a tool without the tool's name");
    if (this.#count >= mostCalls) throw new BrokenToolCall(`more than ${mostCalls} calls of tools`);
    const begun: OpenCall = { place: this.#count, id };
    this.#count += 1;
    this.#last = begun;
    this.#byIndex.set(part.index ?? begun.place, begun);
    return { index: begun.place, id: id ?? `call_${randomUUID()}`, name, arguments: text };
  }

  #known(index: number | null, id: string | null, name: string | null): OpenCall | null {
    const open = index === null ? this.#last : (this.#byIndex.get(index) ?? null);
    if (open === null) return null;
    if (id !== null) return open.id === id ? open : null;
    return index === null && name !== null ? null : open;
  }
}

function filled(value: string | null | undefined): string | null {
  return value === null || value === undefined || value === "" ? null : value;
}

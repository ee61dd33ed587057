import type { MessagePart } from "@hearth/wire/chat/message";
import { useSyncExternalStore } from "react";
import { isToolPart } from "./message.ts";

/** What a person said to a call that a model asked for. */
export interface Decision {
  approved: boolean;
  /** Why not; the model is told. */
  reason: string | null;
}

/** By answer, then by approval. A message out of view is not drawn, and what was decided must not be lost by that. */
const kept = new Map<string, ReadonlyMap<string, Decision>>();
const none: ReadonlyMap<string, Decision> = new Map();

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was decided about an answer's calls. */
export function useDecisions(answer: string): ReadonlyMap<string, Decision> {
  return useSyncExternalStore(subscribe, () => kept.get(answer) ?? none);
}

/** Decides, and gives all decisions there are now. */
export function decide(answer: string, approval: string, decision: Decision): ReadonlyMap<string, Decision> {
  const next = new Map(kept.get(answer) ?? none).set(approval, decision);
  kept.set(answer, next);
  for (const listener of listeners) listener();
  return next;
}

/** The hub has them, or could not be told: then a person is asked again. */
export function forgetDecisions(answer: string): void {
  kept.delete(answer);
  for (const listener of listeners) listener();
}

/** The parts with what was decided in them; null while a call still waits for its decision. */
export function decided(
  parts: readonly MessagePart[],
  decisions: ReadonlyMap<string, Decision>,
): MessagePart[] | null {
  let open = false;
  const next = parts.map((part) => {
    if (!isToolPart(part) || part.state !== "approval-requested" || part.approval === undefined) return part;
    const decision = decisions.get(part.approval.id);
    if (decision === undefined) {
      open = true;
      return part;
    }
    const { approved, reason } = decision;
    return {
      ...part,
      state: "approval-responded" as const,
      approval: { ...part.approval, approved, ...(reason === null ? {} : { reason }) },
    };
  });
  return open ? null : next;
}

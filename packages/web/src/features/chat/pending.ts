import type { StoredMessage } from "@hearth/wire/chat/session";
import { useSyncExternalStore } from "react";

/** Messages that were sent from this tab and that the hub may not have yet, by conversation. */
const pending = new Map<string, readonly StoredMessage[]>();
const listeners = new Set<() => void>();
const none: readonly StoredMessage[] = [];

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Adds messages, or puts one in the place of an earlier one with its id. */
export function setPending(conversation: string, ...messages: readonly StoredMessage[]): void {
  const ids = new Set(messages.map(({ id }) => id));
  const others = (pending.get(conversation) ?? none).filter(({ id }) => !ids.has(id));
  pending.set(conversation, [...others, ...messages]);
  for (const listener of listeners) listener();
}

/** Forgets those that the hub has, or with null all of them. */
export function dropPending(conversation: string, kept: ReadonlySet<string> | null): void {
  const left = (pending.get(conversation) ?? none).filter(({ id }) => kept?.has(id) === false);
  if (left.length === 0) pending.delete(conversation);
  else pending.set(conversation, left);
  for (const listener of listeners) listener();
}

export function usePending(conversation: string): readonly StoredMessage[] {
  return useSyncExternalStore(subscribe, () => pending.get(conversation) ?? none);
}

import type { StoredMessage } from "@hearth/wire/chat/session";
import { useSyncExternalStore } from "react";

/** A pause that the hub asked for; after it, the same is asked again. */
export interface Pause {
  /** The hub's own words. */
  reason: string;
  /** ms since 1970 */
  until: number;
  askNow: () => void;
}

export interface LiveAnswer {
  conversation: string;
  message: StoredMessage;
  pause: Pause | null;
  stop: () => void;
}

/** Answers that are being written in this tab; they go on while another page is looked at. */
const live = new Map<string, LiveAnswer>();
const listeners = new Set<() => void>();
let frame = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  cancelAnimationFrame(frame);
  frame = 0;
  for (const listener of listeners) listener();
}

export function liveAnswer(id: string): LiveAnswer | undefined {
  return live.get(id);
}

/** However quickly tokens come, they are drawn once a frame. */
export function setLiveAnswer(value: LiveAnswer, when: "now" | "soon"): void {
  live.set(value.message.id, value);
  if (when === "now") tell();
  else if (frame === 0) frame = requestAnimationFrame(tell);
}

export function endLiveAnswer(id: string): void {
  live.delete(id);
  tell();
}

/** The answer as far as it is written; null when it is not being written here. */
export function useLiveAnswer(id: string): LiveAnswer | null {
  return useSyncExternalStore(subscribe, () => live.get(id) ?? null);
}

/** Whether anything of this conversation is being answered here. */
export function useAnswering(conversation: string): boolean {
  return useSyncExternalStore(subscribe, () => isAnswering(conversation));
}

export function isAnswering(conversation: string): boolean {
  for (const one of live.values()) if (one.conversation === conversation) return true;
  return false;
}

/** Ends what is being written of a conversation here; what has come stays. */
export function stopAnswering(conversation: string): void {
  for (const one of live.values()) if (one.conversation === conversation) one.stop();
}

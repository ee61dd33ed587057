import { useSyncExternalStore } from "react";
import type { Answer } from "./conversation.ts";

/** A pause that the hub asked for; after it, the same is asked again. */
export interface Pause {
  /** The hub's own words. */
  reason: string;
  /** ms since 1970 */
  until: number;
  askNow: () => void;
}

export interface LiveAnswer {
  answer: Answer;
  pause: Pause | null;
  stop: AbortController;
}

/** Answers that are being written in this tab; they go on while another page is looked at. */
const live = new Map<string, LiveAnswer>();
const listeners = new Set<() => void>();
let frame = 0;

const keyOf = (id: string, column: number) => `${id}/${column}`;
const nodeOf = (key: string) => key.slice(0, key.lastIndexOf("/"));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  cancelAnimationFrame(frame);
  frame = 0;
  for (const listener of listeners) listener();
}

export function liveAnswer(id: string, column: number): LiveAnswer | undefined {
  return live.get(keyOf(id, column));
}

/** However quickly tokens come, they are drawn once a frame. */
export function setLiveAnswer(id: string, column: number, value: LiveAnswer, when: "now" | "soon"): void {
  live.set(keyOf(id, column), value);
  if (when === "now") tell();
  else if (frame === 0) frame = requestAnimationFrame(tell);
}

export function endLiveAnswer(id: string, column: number): void {
  live.delete(keyOf(id, column));
  tell();
}

/** The answer as far as it is written; null when it is not being written here. */
export function useLiveAnswer(id: string, column: number): LiveAnswer | null {
  return useSyncExternalStore(subscribe, () => liveAnswer(id, column) ?? null);
}

/** Whether any of these nodes is being answered here. */
export function useAnswering(ids: ReadonlySet<string>): boolean {
  return useSyncExternalStore(subscribe, () => isLive(ids));
}

function isLive(ids: ReadonlySet<string>): boolean {
  for (const key of live.keys()) if (ids.has(nodeOf(key))) return true;
  return false;
}

/** Ends what is being written of these nodes; what has come stays. */
export function stopAnswering(ids: ReadonlySet<string>): void {
  for (const [key, { stop }] of live) if (ids.has(nodeOf(key))) stop.abort();
}

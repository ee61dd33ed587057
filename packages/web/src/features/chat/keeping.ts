import { useEffect, useSyncExternalStore } from "react";
import { conversation, type Conversation, type Node } from "./conversation.ts";
import * as store from "./store.ts";
import { NotKept, type Change } from "./store.ts";

/** What is not in the browser's database (yet): the page goes on with it, and gives it to every later write. */
const waiting = new Map<string, Change>();
const listeners = new Set<() => void>();
let problem: string | null = null;
let writing: Promise<void> = Promise.resolve();

const changes = new BroadcastChannel("hearth-chat");

/** Calls back with the id of a conversation that another tab changed. */
export function onOtherTab(changed: (id: string) => void): () => void {
  const listener = ({ data }: MessageEvent<unknown>) => changed(String(data));
  changes.addEventListener("message", listener);
  return () => changes.removeEventListener("message", listener);
}

/** Keeps them. What the browser refuses stays in this tab, and `useKeeping` says so: this never fails. */
export function keep(of: string, ...given: readonly Change[]): Promise<void> {
  for (const change of given) {
    const key = keyOf(change);
    const before = waiting.get(key);
    const both = change.kind === "conversation" && before?.kind === "conversation";
    waiting.set(key, both ? { ...change, fields: { ...before.fields, ...change.fields } } : change);
  }
  writing = writing.then(write).then(() => changes.postMessage(of));
  return writing;
}

async function write(): Promise<void> {
  const given = [...waiting];
  try {
    await store.apply(given.map(([, change]) => change));
    for (const [key, change] of given) if (waiting.get(key) === change) waiting.delete(key);
    say(null);
  } catch (error) {
    say(words(error));
  }
}

/** Why conversations are not kept now (null when they are), and another try. */
export function useKeeping(): { problem: string | null; again: () => Promise<void> } {
  const now = useSyncExternalStore(subscribe, () => problem);
  useEffect(() => {
    if (now === null) return;
    const warn = (event: BeforeUnloadEvent) => waiting.size > 0 && event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [now]);
  return { problem: now, again: () => keep("") };
}

/** The kept conversations and those of this tab alone, the newest first. */
export async function listConversations(): Promise<Conversation[]> {
  const found = new Map((await read(store.listConversations)).map((one) => [one.id, one]));
  for (const change of waiting.values()) {
    if (change.kind !== "conversation") continue;
    const next = conversation.safeParse({ ...found.get(change.id), ...change.fields, id: change.id });
    if (next.success) found.set(change.id, next.data);
  }
  return [...found.values()].toSorted((a, b) => b.updatedAt - a.updatedAt);
}

/** Every message of a conversation, kept or of this tab alone. */
export async function readNodes(id: string): Promise<Node[]> {
  const found = new Map((await read(() => store.readNodes(id))).map((one) => [one.id, one]));
  for (const change of waiting.values()) {
    if (change.kind === "node" && change.node.conversation === id) found.set(change.node.id, change.node);
    if (change.kind !== "answer") continue;
    const place = found.get(change.node);
    if (place?.role === "answers")
      found.set(place.id, { ...place, answers: place.answers.with(change.column, change.answer) });
  }
  return [...found.values()];
}

/** See `store.claim`; where nothing is kept, no other tab knows of the answer. */
export async function claim(node: string, column: number): Promise<boolean> {
  await writing;
  try {
    return await store.claim(node, column);
  } catch (error) {
    say(words(error));
    return true;
  }
}

/** Fails in words when the browser does not delete it. */
export async function removeConversation(id: string): Promise<void> {
  for (const [key, change] of waiting)
    if (
      (change.kind === "conversation" && change.id === id) ||
      (change.kind === "node" && change.node.conversation === id)
    )
      waiting.delete(key);
  await store.removeConversation(id).catch((error: unknown) => {
    // Where nothing is kept there is nothing to remove.
    if (problem === null) throw error;
  });
  changes.postMessage(id);
}

async function read<T>(from: () => Promise<T[]>): Promise<T[]> {
  try {
    return await from();
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
    say(error.message);
    return [];
  }
}

function keyOf(change: Change): string {
  if (change.kind === "conversation") return `conversation ${change.id}`;
  return change.kind === "node" ? `node ${change.node.id}` : `answer ${change.node} ${change.column}`;
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

function say(now: string | null): void {
  problem = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

import { z } from "zod";
import { conversation, node, type Conversation, type Node } from "./conversation.ts";

let opened: Promise<IDBDatabase> | null = null;

/** The browser's own database: conversations, and each message by itself, so that two tabs add and do not overwrite. */
function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("hearth-chat", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("conversations", { keyPath: "id" });
      request.result
        .createObjectStore("nodes", { keyPath: "id" })
        .createIndex("conversation", "conversation");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () =>
      reject(new Error("The browser does not let conversations be kept", { cause: request.error }));
  });
  return opened;
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error("The browser could not keep this", { cause: request.error }));
  });

const changes = new BroadcastChannel("hearth-chat");

/** Calls back when another tab changed a conversation. */
export function onOtherTab(changed: () => void): () => void {
  changes.addEventListener("message", changed);
  return () => changes.removeEventListener("message", changed);
}

export async function listConversations(): Promise<Conversation[]> {
  const store = (await database()).transaction("conversations").objectStore("conversations");
  const all = z.array(conversation).parse(await done(store.getAll()));
  return all.toSorted((a, b) => b.updatedAt - a.updatedAt);
}

export async function readNodes(id: string): Promise<Node[]> {
  const store = (await database()).transaction("nodes").objectStore("nodes");
  return z.array(node).parse(await done(store.index("conversation").getAll(id)));
}

export async function saveConversation(value: Conversation): Promise<void> {
  const store = (await database()).transaction("conversations", "readwrite").objectStore("conversations");
  await done(store.put(value));
  changes.postMessage(value.id);
}

export async function saveNodes(values: readonly Node[]): Promise<void> {
  const store = (await database()).transaction("nodes", "readwrite").objectStore("nodes");
  await Promise.all(values.map((value) => done(store.put(value))));
  changes.postMessage(values[0]?.conversation ?? "");
}

export async function removeConversation(id: string): Promise<void> {
  const both = (await database()).transaction(["conversations", "nodes"], "readwrite");
  const nodes = both.objectStore("nodes");
  const keys = await done(nodes.index("conversation").getAllKeys(id));
  await Promise.all([
    done(both.objectStore("conversations").delete(id)),
    ...keys.map((key) => done(nodes.delete(key))),
  ]);
  changes.postMessage(id);
}

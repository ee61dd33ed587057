import { z } from "zod";
import {
  answersNode,
  conversation,
  node,
  type Answer,
  type Conversation,
  type Node,
} from "./conversation.ts";

/** One thing to keep. Each says only what it changes: what another tab changed beside it stays. */
export type Change =
  | { kind: "conversation"; id: string; fields: Partial<Omit<Conversation, "id">> }
  | { kind: "node"; node: Node }
  | { kind: "answer"; node: string; column: number; answer: Answer };

/** The browser keeps nothing now; the message says why, and what helps. */
export class NotKept extends Error {
  constructor(cause: unknown) {
    const name = cause instanceof DOMException ? cause.name : "";
    super(
      name === "QuotaExceededError"
        ? "The browser has no more room for this page. Delete conversations that are not needed, or free space on the disk."
        : `The browser does not let this page keep anything (${cause instanceof Error ? cause.message : String(cause)}). A private window or blocked site data do that.`,
      { cause },
    );
    this.name = "NotKept";
  }
}

let opened: Promise<IDBDatabase> | null = null;

/** The browser's own database: conversations, and each message by itself, so that two tabs add and do not overwrite. */
function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    // Where site data are blocked, even to ask for the database throws.
    const request = indexedDB.open("hearth-chat", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("conversations", { keyPath: "id" });
      request.result
        .createObjectStore("nodes", { keyPath: "id" })
        .createIndex("conversation", "conversation");
    };
    request.onsuccess = () => {
      // Site data that are cleared close it; the next use opens it again.
      request.result.onclose = () => (opened = null);
      resolve(request.result);
    };
    request.onerror = () => reject(new NotKept(request.error));
  }).catch((error: unknown) => {
    opened = null;
    throw error instanceof NotKept ? error : new NotKept(error);
  });
  return opened;
}

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new NotKept(request.error));
  });

async function transaction(mode: IDBTransactionMode): Promise<IDBTransaction> {
  const open = await database();
  try {
    return open.transaction(["conversations", "nodes"], mode);
  } catch (error) {
    opened = null;
    throw new NotKept(error);
  }
}

/** A write is kept when its transaction is: a full disk is noticed only then. */
async function write(change: (conversations: IDBObjectStore, nodes: IDBObjectStore) => void): Promise<void> {
  const writing = await transaction("readwrite");
  try {
    await new Promise<void>((resolve, reject) => {
      writing.oncomplete = () => resolve();
      writing.onabort = () => reject(new NotKept(writing.error));
      change(writing.objectStore("conversations"), writing.objectStore("nodes"));
    });
  } catch (error) {
    throw error instanceof NotKept ? error : new NotKept(error);
  }
}

export async function listConversations(): Promise<Conversation[]> {
  const reading = await transaction("readonly");
  return z.array(conversation).parse(await asked(reading.objectStore("conversations").getAll()));
}

export async function readNodes(id: string): Promise<Node[]> {
  const reading = await transaction("readonly");
  return z.array(node).parse(await asked(reading.objectStore("nodes").index("conversation").getAll(id)));
}

/** All of them, or none. */
export function apply(changes: readonly Change[]): Promise<void> {
  return write((conversations, nodes) => {
    for (const change of changes) {
      if (change.kind === "node") nodes.put(change.node);
      else if (change.kind === "answer") {
        const reading = nodes.get(change.node);
        reading.onsuccess = () => {
          const stored = answersNode.safeParse(reading.result);
          // Removed in another tab: it stays away.
          if (stored.success) nodes.put(withAnswer(stored.data, change.column, change.answer));
        };
      } else {
        const reading = conversations.get(change.id);
        reading.onsuccess = () => {
          const next = conversation.safeParse({ ...reading.result, ...change.fields, id: change.id });
          if (next.success) conversations.put(next.data);
        };
      }
    }
  });
}

/** Takes a failed or stopped answer's place for another try; false when another tab has taken it. */
export async function claim(id: string, column: number): Promise<boolean> {
  let claimed = false;
  await write((_, nodes) => {
    const reading = nodes.get(id);
    reading.onsuccess = () => {
      const stored = answersNode.safeParse(reading.result);
      const one = stored.data?.answers[column];
      if (!stored.success || one === undefined || one.state === "answering" || one.state === "done") return;
      claimed = true;
      nodes.put(withAnswer(stored.data, column, { ...one, state: "answering", error: null }));
    };
  });
  return claimed;
}

export function removeConversation(id: string): Promise<void> {
  return write((conversations, nodes) => {
    conversations.delete(id);
    const keys = nodes.index("conversation").getAllKeys(id);
    keys.onsuccess = () => {
      for (const key of keys.result) nodes.delete(key);
    };
  });
}

function withAnswer(place: z.infer<typeof answersNode>, column: number, answer: Answer) {
  return { ...place, answers: place.answers.map((one, at) => (at === column ? answer : one)) };
}

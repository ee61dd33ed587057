import {
  answerMetadata,
  messagePart,
  type AnswerMetadata,
  type MessagePart,
  type ToolPart,
} from "@hearth/wire/chat/message";
import type { MessageStatus, StoredMessage } from "@hearth/wire/chat/session";
import { writeModelRef } from "./model-ref.ts";

/** What is new about a message that the hub has, or will have, in its place. */
export interface NewMessage {
  id: string;
  role: "user" | "assistant";
  parent: string | null;
  parts?: MessagePart[];
  group?: string | null;
  position?: number;
  status?: MessageStatus;
  metadata?: AnswerMetadata;
}

/** A message as the hub will keep it, for the time until it does. */
export function newMessage(given: NewMessage): StoredMessage {
  const { id, role, parent, parts = [], group = null, position = 0, status = "complete", metadata } = given;
  return {
    id,
    role,
    parts,
    parent_id: parent,
    group,
    position,
    status,
    error: null,
    created_at: new Date().toISOString(),
    // After everything that the hub has.
    sequence: Number.MAX_SAFE_INTEGER,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** The parts that this page knows how to show. */
export function readParts(parts: readonly unknown[]): MessagePart[] {
  return parts.flatMap((part) => {
    const read = messagePart.safeParse(part);
    return read.success ? [read.data] : [];
  });
}

export function metadataOf({ metadata }: Pick<StoredMessage, "metadata">): AnswerMetadata {
  return answerMetadata.safeParse(metadata ?? {}).data ?? {};
}

/** Who answered; null where the message does not say. */
export function modelOf(message: Pick<StoredMessage, "metadata">): string | null {
  const { provider, model } = metadataOf(message);
  return provider === undefined || model === undefined
    ? null
    : writeModelRef({ providerId: provider, modelId: model });
}

/** What was said in a message, without thoughts and tools. */
export function saidIn({ parts }: Pick<StoredMessage, "parts">): string {
  return parts
    .map((part) => (part.type === "text" && typeof part["text"] === "string" ? part["text"] : ""))
    .filter((text) => text !== "")
    .join("\n\n");
}

export function isToolPart(part: MessagePart): part is ToolPart {
  return part.type === "dynamic-tool" || part.type.startsWith("tool-");
}

/** The tool's own name, as providers have it. */
export function toolNameOf(part: ToolPart): string {
  return part.type === "dynamic-tool" ? String(part["toolName"]) : part.type.slice("tool-".length);
}

/** The calls that a person is asked about. */
export function waitingCalls({ parts }: Pick<StoredMessage, "parts">): ToolPart[] {
  return parts
    .filter((part) => isToolPart(part))
    .filter(({ state, approval }) => state === "approval-requested" && approval !== undefined);
}

import type { ChatMessage } from "@hearth/wire/chat/message";
import type { StoredMessage } from "@hearth/wire/chat/session";
import type { ChatRequest, TurnSettings } from "@hearth/wire/chat/turn";
import { columnOf, type Node } from "./conversation.ts";
import { isToolPart } from "./message.ts";
import { readModelRef } from "./model-ref.ts";

export interface Question {
  conversation: string;
  /** What comes before `last`. */
  branch: readonly Node[];
  column: number;
  /** What is answered: a prompt, or an answer that is gone on with. */
  last: StoredMessage;
  model: string;
  settings: TurnSettings;
  /** The answer; where it is `last` itself, that one is gone on with. */
  answer: StoredMessage;
}

/** A turn's request, with no more of the branch than the hub needs to know which one is meant. */
export function turnRequest(question: Question): ChatRequest {
  const { conversation, branch, column, last, model, settings, answer } = question;
  const before = columnOf(branch, column);
  const parent = before.at(-1);
  // A prompt after several answers hangs on the first of them: for the others it is said which way is meant.
  const beside = branch.some((node) => node.role === "answers" && node.answers.length > 1);
  return {
    sessionId: conversation,
    messages: beside ? [...before.map((message) => mentioned(message)), sent(last)] : [sent(last)],
    ...(beside || parent === undefined ? {} : { parentId: parent.id }),
    ...(answer.id === last.id ? {} : { answerId: answer.id, position: answer.position }),
    ...(answer.group === null || answer.id === last.id ? {} : { group: answer.group }),
    ...readModelRef(model),
    settings,
  };
}

/** A message that the hub has counts as the hub has it; its id is enough. */
function mentioned({ id, role }: StoredMessage): ChatMessage {
  return { id, role, parts: [] };
}

/** Of an answer the hub only wants to know what was decided about its calls. */
function sent({ id, role, parts }: StoredMessage): ChatMessage {
  return {
    id,
    role,
    parts: role === "user" ? parts : parts.filter((part) => isToolPart(part) && part.approval !== undefined),
  };
}

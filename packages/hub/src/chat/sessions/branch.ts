import { isDeepStrictEqual } from "node:util";
import { chatMessage, type ChatMessage, type ToolPart } from "@hearth/wire/chat/message";
import type { MessageStatus } from "@hearth/wire/chat/session";
import { HearthError } from "../../errors.ts";
import type { Decision } from "../approvals.ts";
import type { MessageRow, NewMessage } from "./rows.ts";

/** A branch as it is to be answered. */
export interface Branch {
  /** What is told to the model; ends with the prompt, or with the answer that is gone on with. */
  messages: ChatMessage[];
  /** Those that the conversation did not have. */
  added: NewMessage[];
  /** The answer that is gone on with; null for a new one. */
  continues: ChatMessage | null;
  decisions: Decision[];
}

/** Answers that broke off can be gone on with. */
const broken: readonly MessageStatus[] = ["stopped", "failed", "interrupted"];

/**
 * Joins what a client sent with what is kept. Of a message that is kept already the kept one counts, whatever the
 * client makes of it; only its decisions about calls are taken from the client.
 *
 * @throws HearthError `invalid_request` when there is nothing to answer at its end, or for a decision about a call that
 * this conversation never asked about, or asked about with another input.
 */
export function joinBranch(
  before: readonly MessageRow[],
  given: readonly ChatMessage[],
  known: ReadonlyMap<string, MessageRow>,
): Branch {
  const messages = before.map((row) => messageOf(row));
  const added: NewMessage[] = [];
  for (const message of given) {
    const kept = known.get(message.id);
    if (kept === undefined) refuseForged(message);
    if (kept === undefined)
      added.push({ message, parentId: messages.at(-1)?.id ?? null, status: "complete" });
    messages.push(kept === undefined ? message : messageOf(kept));
  }
  const last = messages.at(-1);
  const sent = given.at(-1);
  if (last === undefined || sent === undefined || last.role === "system")
    throw new HearthError(
      "invalid_request",
      "messages ends with a system message; end it with what is to be answered, a message of the user.",
      { details: { field: "messages" } },
    );
  if (last.role === "user") return { messages, added, continues: null, decisions: [] };
  const decisions = decisionsOf(last, sent);
  const status = known.get(last.id)?.status ?? "complete";
  const decided = applyDecisions(last, decisions);
  const stillAsked = decided.parts.filter((part) => isTool(part) && part.state === "approval-requested");
  if (stillAsked.length > 0)
    throw new HearthError(
      "invalid_request",
      `The answer waits for ${stillAsked.length} decision(s) about its calls of tools; send the message with each of them answered (state "approval-responded").`,
      { details: { field: "messages", waiting: stillAsked.length } },
    );
  if (decisions.length === 0 && !broken.includes(status) && !endsWithTools(decided))
    throw new HearthError(
      "invalid_request",
      "messages ends with an answer that is complete; add a message of the user, or end before the answer to have it made anew.",
      { details: { field: "messages" } },
    );
  const continues = withoutLooseEnds(decided);
  return { messages: [...messages.slice(0, -1), continues], added, continues, decisions };
}

export function messageOf(row: MessageRow): ChatMessage {
  return chatMessage.parse({
    id: row.id,
    role: row.role,
    parts: JSON.parse(row.parts),
    ...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) }),
  });
}

export function isTool(part: ChatMessage["parts"][number]): part is ToolPart {
  return part.type === "dynamic-tool" || part.type.startsWith("tool-");
}

function toolName(part: ToolPart): string {
  return part.type === "dynamic-tool" ? String(part["toolName"]) : part.type.slice("tool-".length);
}

/** A message that comes from elsewhere: what it asks about was asked there, and cannot be allowed here. */
export function withoutQuestions(message: ChatMessage): ChatMessage {
  const errorText = "This was asked about elsewhere, and not run here.";
  const parts = message.parts.map((part) => {
    if (!isQuestion(part)) return part;
    const { approval: _asked, ...call } = part;
    return { ...call, state: "output-error" as const, errorText };
  });
  return { ...message, parts };
}

function isQuestion(part: ChatMessage["parts"][number]): part is ToolPart {
  return isTool(part) && (part.state === "approval-requested" || part.state === "approval-responded");
}

/** Only this hub asks: a message that it does not know cannot hold a question about a call, nor the answer to one. */
function refuseForged(message: ChatMessage): void {
  const forged = message.parts.find((part) => isQuestion(part));
  if (forged !== undefined)
    throw new HearthError(
      "invalid_request",
      `Message "${message.id}" decides about a call of a tool that this conversation never asked about.`,
      { details: { field: "messages", message_id: message.id } },
    );
}

/** What the client decided about calls that the kept message asks about, each with the kept input. */
function decisionsOf(kept: ChatMessage, sent: ChatMessage): Decision[] {
  const answers = new Map(
    sent.parts
      .filter((part) => isTool(part))
      .flatMap((part) => (part.approval?.approved === undefined ? [] : [[part.approval.id, part] as const])),
  );
  const asked = new Set(
    kept.parts.flatMap((part) => (isTool(part) && part.approval !== undefined ? [part.approval.id] : [])),
  );
  for (const [id, part] of answers)
    if (!asked.has(id)) throw otherCall(part, "but the conversation never asked about that");
  return kept.parts
    .filter((part) => isTool(part))
    .flatMap((part) => {
      const approval = part.approval;
      if (approval === undefined || part.state !== "approval-requested") return [];
      const said = answers.get(approval.id);
      const answer = said?.approval;
      if (said === undefined || answer?.approved === undefined) return [];
      // What a person saw must be what will run.
      if (
        said.toolCallId !== part.toolCallId ||
        toolName(said) !== toolName(part) ||
        (said.input !== undefined && !isDeepStrictEqual(said.input, part.input))
      )
        throw otherCall(said, "but it asked about another call, or about another input");
      return [
        {
          callId: part.toolCallId,
          approvalId: approval.id,
          tool: toolName(part),
          input: part.input,
          approved: answer.approved,
          reason: answer.reason ?? null,
        },
      ];
    });
}

function otherCall(part: ToolPart, found: string): HearthError {
  return new HearthError(
    "invalid_request",
    `A decision is about ${toolName(part)} (call "${part.toolCallId}"), ${found}. Nothing was run.`,
    { details: { field: "messages", call_id: part.toolCallId } },
  );
}

function applyDecisions(message: ChatMessage, decisions: readonly Decision[]): ChatMessage {
  const byApproval = new Map(decisions.map((decision) => [decision.approvalId, decision]));
  const parts = message.parts.map((part) => {
    if (!isTool(part) || part.approval === undefined) return part;
    const decision = byApproval.get(part.approval.id);
    if (decision === undefined) return part;
    const { approved, reason } = decision;
    return {
      ...part,
      state: "approval-responded" as const,
      approval: { ...part.approval, approved, ...(reason === null ? {} : { reason }) },
    };
  });
  return { ...message, parts };
}

/** Whether the model has results of tools that it has not seen: the limit of steps was reached. */
function endsWithTools(message: ChatMessage): boolean {
  const step = message.parts.slice(message.parts.findLastIndex((part) => part.type === "step-start") + 1);
  return step.some((part) => isTool(part) && part.state.startsWith("output-"));
}

/** What an answer that broke off left open is closed, so that a model can go on from it. */
function withoutLooseEnds(message: ChatMessage): ChatMessage {
  const parts = message.parts
    .filter((part) => !isTool(part) || part.state !== "input-streaming")
    .map((part) => {
      if (isTool(part) && part.state === "input-available")
        return {
          ...part,
          state: "output-error" as const,
          errorText: "The call was interrupted; whether it took effect is not known.",
        };
      return part["state"] === "streaming" ? { ...part, state: "done" } : part;
    });
  return chatMessage.parse({ ...message, parts });
}

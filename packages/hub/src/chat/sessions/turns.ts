import { randomUUID } from "node:crypto";
import { setImmediate as immediate, setTimeout as delay } from "node:timers/promises";
import { turnSettings, type ChatRequest } from "@hearth/wire/chat/turn";
import { sql } from "kysely";
import { HearthError } from "../../errors.ts";
import type { Database } from "../../storage/database.ts";
import type { Approvals } from "../approvals.ts";
import type { Admit, Turn, Turns } from "../turns.ts";
import { AnswerAssembler } from "./assembler.ts";
import { joinBranch, type Branch } from "./branch.ts";
import { Journal, leftJournals } from "./journal.ts";
import {
  appendMessages,
  findMessages,
  findSession,
  newSession,
  readBranch,
  type SessionRow,
} from "./rows.ts";
import { saveAnswer } from "./save-answer.ts";
import { Writing } from "./writing.ts";

/** The end of an answer is saved within milliseconds; one that goes on is stopped by its own client only. */
const patienceMs = 3_000;

export interface TurnsOptions {
  database: Database;
  approvals: Approvals;
  /** Where the journals of answers that are being written lie. */
  journals: string;
  /** A conversation changed; also while it is answered. */
  onChange: (sessionId: string) => void;
  onSaveFailed: (error: unknown) => void;
  now?: () => number;
}

/** What is being answered now, beside the way into it. */
export interface OpenTurns extends Turns {
  /** Ids of the answers of a conversation that are being written. */
  answering(sessionId: string): string[];
  /** Stops the answers of a conversation, or the named one; those that are not there are none. */
  stop(sessionId: string, answerId?: string): void;
  /** Completes the answers that an earlier hub left half-written; how many there were. Before the first turn. */
  recover(): Promise<number>;
}

export function createTurns(options: TurnsOptions): OpenTurns {
  const { database, approvals, journals, onChange, onSaveFailed, now = Date.now } = options;
  const open = new Map<string, Writing>();
  const keyOf = (sessionId: string, answerId: string): string => JSON.stringify([sessionId, answerId]);

  const prepare = async (
    sessionId: string,
    request: ChatRequest,
  ): Promise<{ session: SessionRow | undefined; branch: Branch }> => {
    const { db } = database;
    const session = await findSession(db, sessionId);
    const ids = request.messages.map(({ id }) => id);
    const known = session === undefined ? new Map() : await findMessages(db, sessionId, ids);
    const { parentId } = request;
    const before =
      parentId === undefined || session === undefined ? [] : await readBranch(db, sessionId, parentId);
    if (parentId !== undefined && before.length === 0)
      throw new HearthError(
        "invalid_request",
        `The conversation has no message "${parentId}"; send the whole branch, or name one that it has.`,
        { details: { field: "parentId" } },
      );
    return { session, branch: joinBranch(before, request.messages, known) };
  };

  const store = async (
    sessionId: string,
    answerId: string,
    request: ChatRequest,
    branch: Branch,
    isNew: boolean,
  ): Promise<void> => {
    const { continues, added, decisions } = branch;
    await database.write(async (db) => {
      if (isNew) {
        const { providerId: provider_id, modelId: model_id, settings } = request;
        await db
          .insertInto("chat_sessions")
          .values(newSession(sessionId, { provider_id, model_id, settings }, now()))
          // Two first prompts at once begin one conversation.
          .onConflict((conflict) => conflict.column("id").doNothing())
          .execute();
      }
      const answer = {
        message: { id: answerId, role: "assistant" as const, parts: [] },
        parentId: branch.messages.at(-1)?.id ?? null,
        status: "streaming" as const,
        group: request.group ?? null,
        position: request.position ?? 0,
      };
      await appendMessages(db, sessionId, continues === null ? [...added, answer] : added, now());
      if (continues !== null) {
        const assembled = {
          ...new AnswerAssembler({ parts: continues.parts, metadata: continues.metadata }).assembled,
        };
        await saveAnswer(db, { sessionId, answerId, assembled, status: "streaming", error: null }, now());
      }
      await approvals.decide(decisions.map((decision) => ({ ...decision, sessionId, messageId: answerId })));
    });
    onChange(sessionId);
  };

  /** A client that saw the end of an answer may be quicker than its last save. */
  const othersOver = async (sessionId: string, request: ChatRequest): Promise<void> => {
    const named = new Set([...request.messages.map(({ id }) => id), request.parentId]);
    const before = [...open.values()].filter((one) => one.sessionId === sessionId && named.has(one.answerId));
    if (before.length === 0) return;
    const timer = new AbortController();
    const patience = delay(patienceMs, "late" as const, { signal: timer.signal, ref: false });
    const first = await Promise.race([Promise.all(before.map(({ over }) => over)), patience]);
    timer.abort();
    if (first === "late")
      throw new HearthError(
        "conflict",
        "An answer of this branch is still being written; stop it, or wait for its end.",
        { details: { session_id: sessionId, message_id: before[0]?.answerId } },
      );
  };

  const begin = async (request: ChatRequest, admit: Admit = () => undefined): Promise<Turn> => {
    const sessionId = request.sessionId ?? request.id ?? randomUUID();
    await othersOver(sessionId, request);
    const { session, branch } = await prepare(sessionId, request);
    const providerId = request.providerId ?? session?.provider_id ?? null;
    await admit(providerId);
    const answerId = branch.continues?.id ?? request.answerId ?? randomUUID();
    const key = keyOf(sessionId, answerId);
    if (open.has(key))
      throw new HearthError(
        "conflict",
        "This answer is being written already; stop it, or wait for its end.",
        {
          details: { session_id: sessionId, message_id: answerId },
        },
      );
    const before = branch.continues ?? { parts: [] };
    const journal = new Journal(journals, randomUUID(), { sessionId, answerId, before });
    // The question goes to the sidecar first: it is stored while the sidecar works.
    const stored = immediate().then(() => store(sessionId, answerId, request, branch, session === undefined));
    // Whoever passes the answer on awaits it too; until then it is nobody's.
    stored.catch(() => undefined);
    const kept = turnSettings.parse(session === undefined ? {} : JSON.parse(session.settings));
    const writing = new Writing({
      database,
      now,
      sessionId,
      answerId,
      messages: branch.messages,
      before,
      providerId,
      modelId: request.modelId ?? session?.model_id ?? null,
      settings: request.settings ?? kept,
      stored,
      journal,
      onSaved: () => onChange(sessionId),
      onEnded: () => {
        open.delete(key);
        onChange(sessionId);
      },
      onFailed: onSaveFailed,
    });
    open.set(key, writing);
    return writing;
  };

  return {
    begin,
    answering: (sessionId) =>
      [...open.values()].filter((one) => one.sessionId === sessionId).map(({ answerId }) => answerId),
    stop: (sessionId, answerId) => {
      for (const one of open.values())
        if (one.sessionId === sessionId && (answerId === undefined || one.answerId === answerId)) one.stop();
    },
    recover: async () => {
      let count = 0;
      for await (const left of leftJournals(journals)) {
        const { sessionId, answerId, before } = left.header;
        const assembler = new AnswerAssembler(before);
        assembler.push(left.bytes);
        const { assembled } = assembler;
        const status = assembled.error !== null ? "failed" : assembled.finished ? "complete" : "interrupted";
        await database.write((db) =>
          saveAnswer(db, { sessionId, answerId, assembled, status, error: assembled.error }, now()),
        );
        await left.remove();
        count += 1;
      }
      // An answer without a journal: its machine lost power, or the file was taken away.
      await database.write((db) =>
        db
          .updateTable("chat_messages")
          .set({ status: "interrupted" })
          // As the index has it: a value that is filled in later would not find it.
          .where("status", "=", sql.lit("streaming"))
          .execute(),
      );
      return count;
    },
  };
}

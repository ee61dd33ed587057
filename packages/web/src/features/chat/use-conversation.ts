import type { MessagePart } from "@hearth/wire/chat/message";
import type { StoredMessage } from "@hearth/wire/chat/session";
import type { TurnSettings } from "@hearth/wire/chat/turn";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { hub } from "../../hub/hub.ts";
import { answerTurn } from "./answering.ts";
import {
  branchOf,
  childrenOf,
  columnOf,
  lastMessageOf,
  nodesOf,
  type AnswersNode,
  type Node,
} from "./conversation.ts";
import { forgetDecisions } from "./decisions.ts";
import { stopAnswering, useAnswering } from "./live-answers.ts";
import { newMessage } from "./message.ts";
import { readModelRef } from "./model-ref.ts";
import { newId } from "./new-id.ts";
import { dropPending, setPending, usePending } from "./pending.ts";

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ["chat", "conversations", id],
    queryFn: ({ signal }) => hub.conversations.get(id, { signal }),
    meta: { topics: ["chat"], thing: id },
  });

/** Gets each answer at its end, and whether it is the one that the conversation begins with. */
export type Settled = (answer: StoredMessage, isFirst: boolean) => void;

/** One conversation's shown branch and what can be done in it. */
export function useConversation(id: string, isNew: boolean, settled: Settled) {
  const queries = useQueryClient();
  const query = conversationQuery(id);
  const here = useAnswering(id);
  const { data, error } = useQuery({
    ...query,
    // What is written here is known here, and everything is asked for again at its end.
    enabled: ({ state }) => !isNew && (!here || state.data === undefined),
  });
  const pending = usePending(id);
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const messages = useMemo(() => {
    const stored = data?.messages ?? [];
    const known = new Set(stored.map((message) => message.id));
    return [...stored, ...pending.filter((message) => !known.has(message.id))];
  }, [data, pending]);
  useEffect(() => {
    if (data !== undefined) dropPending(id, new Set(data.messages.map((message) => message.id)));
  }, [id, data]);
  const children = useMemo(() => childrenOf(nodesOf(messages)), [messages]);
  const branch = useMemo(() => branchOf(children, chosen), [children, chosen]);

  /** Has one answer written; null when the hub has what was asked, otherwise how it ended before that. */
  const answer = (
    before: readonly Node[],
    column: number,
    last: StoredMessage,
    one: StoredMessage,
    model: string,
    settings: TurnSettings,
  ): Promise<StoredMessage | null> =>
    new Promise((resolve) => {
      void answerTurn({
        conversation: id,
        branch: before,
        column,
        last,
        answer: one,
        model,
        settings,
        accepted: () => resolve(null),
        settled: async (at) => {
          setPending(id, at);
          try {
            await queries.fetchQuery({ ...query, staleTime: 0 });
          } catch {
            // The query itself tells of it where it is shown.
          }
          settled(at, column === 0 && before.length <= 1);
          resolve(at);
        },
      });
    });

  const begin = async (
    before: readonly Node[],
    prompt: StoredMessage,
    models: readonly string[],
    settings: TurnSettings,
  ): Promise<boolean> => {
    const group = models.length > 1 ? newId() : null;
    const answers = models.map((model, position) => {
      const { providerId, modelId } = readModelRef(model);
      return newMessage({
        id: newId(),
        role: "assistant",
        parent: prompt.id,
        group,
        position,
        status: "streaming",
        metadata: { provider: providerId, model: modelId },
      });
    });
    setPending(id, prompt, ...answers);
    const first = group ?? answers[0]?.id ?? "";
    setChosen((known) => ({ ...known, [before.at(-1)?.id ?? ""]: prompt.id, [prompt.id]: first }));
    const refused = await Promise.all(
      answers.map((one, column) => answer(before, column, prompt, one, models[column] ?? "", settings)),
    );
    return refused.every((one) => one === null);
  };

  return {
    error,
    session: data ?? null,
    loaded: isNew || data !== undefined || messages.length > 0,
    branch,
    /** Here or elsewhere. */
    answering: here || (data?.answering.length ?? 0) > 0,
    stop: async () => {
      if (here) stopAnswering(id);
      else await hub.conversations.stop(id);
    },
    siblings: (one: Node) => children.get(one.parent) ?? [one],
    choose: (parent: string, child: string) => setChosen((known) => ({ ...known, [parent]: child })),
    /** A prompt after `before`; where something follows already, a new branch. False: the hub does not have it. */
    ask: (before: readonly Node[], text: string, models: readonly string[], settings: TurnSettings) => {
      const parent = lastMessageOf(before)?.id ?? null;
      const parts: MessagePart[] = [{ type: "text", text }];
      return begin(before, newMessage({ id: newId(), role: "user", parent, parts }), models, settings);
    },
    /** The same prompt once more: a version beside the answers that are there. */
    again: async (before: readonly Node[], models: readonly string[], settings: TurnSettings) => {
      const prompt = lastMessageOf(before);
      if (prompt !== undefined) await begin(before.slice(0, -1), prompt, models, settings);
    },
    /** Goes on with an answer in its place: one that broke off, or whose calls are decided. */
    goOn: async (
      before: readonly Node[],
      place: AnswersNode,
      at: StoredMessage,
      model: string,
      settings: TurnSettings,
    ) => {
      const column = Math.max(
        0,
        place.answers.findIndex((one) => one.id === at.id),
      );
      const prompt = columnOf(before, column).at(-1);
      const kept = data?.messages.some((message) => message.id === at.id) === true;
      // What the hub never got is asked for as it was.
      if (kept) {
        const refused = await answer(before, column, at, at, model, settings);
        forgetDecisions(at.id);
        // The answer itself is as it was: it cannot tell of this.
        if (refused?.status === "failed") throw new Error(refused.error ?? "The hub did not take it.");
      } else if (prompt !== undefined) await answer(before.slice(0, -1), column, prompt, at, model, settings);
    },
  };
}

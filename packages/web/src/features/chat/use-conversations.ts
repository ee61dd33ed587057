import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Conversation, Settings } from "./conversation.ts";
import { keep, listConversations, onOtherTab, removeConversation } from "./keeping.ts";
import { nodesKey } from "./use-conversation.ts";

const listKey = ["chat", "conversations"];

/** The kept conversations, the newest first, true in every tab. */
export function useConversations() {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: listKey });
  useEffect(
    () =>
      onOtherTab((id) => {
        void queries.invalidateQueries({ queryKey: listKey });
        void queries.invalidateQueries({ queryKey: nodesKey(id) });
      }),
    [queries],
  );
  const { data, error } = useQuery({ queryKey: listKey, queryFn: listConversations, networkMode: "always" });
  const change = async (id: string, fields: Partial<Omit<Conversation, "id">>) => {
    await keep(id, { kind: "conversation", id, fields });
    await refresh();
  };
  return {
    conversations: data,
    error,
    rename: (id: string, title: string) => change(id, { title }),
    configure: (id: string, settings: Settings) => change(id, { settings }),
    /** Kept as the one that was spoken in last. */
    touch: (id: string) => change(id, { updatedAt: Date.now() }),
    begin: (id: string, title: string, settings: Settings) =>
      change(id, { title, settings, updatedAt: Date.now() }),
    remove: async (id: string) => {
      await removeConversation(id);
      queries.removeQueries({ queryKey: nodesKey(id) });
      await refresh();
    },
  };
}

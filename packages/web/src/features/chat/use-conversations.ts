import type { ChatSession, UpdateSessionRequest } from "@hearth/wire/chat/session";
import type { TurnSettings } from "@hearth/wire/chat/turn";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";
import { readModelRef } from "./model-ref.ts";
import { dropPending } from "./pending.ts";
import { conversationQuery } from "./use-conversation.ts";

/** More than a list is read through; older ones are found by searching. */
const mostListed = 200;

export interface Sought {
  search: string;
  archived: boolean;
}

/** The conversations that the hub keeps, the newest first. */
export function useConversations({ search, archived }: Sought) {
  const asked = search.trim();
  return useQuery({
    queryKey: ["chat", "list", asked, archived],
    queryFn: ({ signal }) =>
      hub.conversations.list({
        archived,
        pageSize: mostListed,
        signal,
        ...(asked === "" ? {} : { search: asked }),
      }),
    placeholderData: keepPreviousData,
    meta: { topics: ["chat"] },
  });
}

/** What can be done with conversations; each fails in the hub's words. */
export function useConversationChanges() {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ["chat", "list"] });
  const change = async (id: string, request: UpdateSessionRequest) => {
    const { queryKey } = conversationQuery(id);
    const changed = await hub.conversations.update(id, request);
    queries.setQueryData(queryKey, (known) => (known === undefined ? known : { ...known, ...changed }));
    await refresh();
  };
  return {
    change,
    /** Before its first word. */
    create: async (id: string, models: readonly string[], settings: TurnSettings) => {
      const session = await hub.conversations.create({ id, settings, ...modelsOf(models) });
      queries.setQueryData(conversationQuery(id).queryKey, { ...session, messages: [] });
      await refresh();
    },
    /** Only what is another thing than before. */
    configure: async (session: ChatSession, models: readonly string[], settings: TurnSettings) => {
      const next = { settings, ...modelsOf(models) };
      const before = { settings: session.settings, ...modelsOf(session.models) };
      if (JSON.stringify(next) !== JSON.stringify(before)) await change(session.id, next);
    },
    remove: async (id: string) => {
      await hub.conversations.remove(id);
      dropPending(id, null);
      queries.removeQueries({ queryKey: conversationQuery(id).queryKey });
      await refresh();
    },
    /** Lets the model name it; where that fails, the name that it has stays. */
    nameIt: async (id: string) => {
      await hub.conversations.generateTitle(id).catch(() => undefined);
      await refresh();
    },
  };
}

/** The first one is also who names the conversation. */
function modelsOf(models: readonly string[]) {
  const first = models[0];
  if (first === undefined) return { models: [], provider_id: null, model_id: null };
  const { providerId, modelId } = readModelRef(first);
  return { models: [...models], provider_id: providerId, model_id: modelId };
}

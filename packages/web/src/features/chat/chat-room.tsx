import { Anchor, Box, Drawer, Flex, Stack, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import type { StoredMessage } from "@hearth/wire/chat/session";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { announcementOf } from "./announcement.ts";
import { ChatHeader } from "./chat-header.tsx";
import { Composer } from "./composer.tsx";
import { ConversationList } from "./conversation-list.tsx";
import type { Node } from "./conversation.ts";
import { EmptyConversation } from "./empty-conversation.tsx";
import { modelOf } from "./message.ts";
import { MessageRow } from "./message-row.tsx";
import { ModelChoice, useModelChoices } from "./model-choice.tsx";
import { ServiceBanner } from "./service-banner.tsx";
import { SettingsForm } from "./settings-form.tsx";
import { Thread } from "./thread.tsx";
import { useConversation } from "./use-conversation.ts";
import { useConversationChanges } from "./use-conversations.ts";
import { useTurnSettings } from "./use-turn-settings.ts";

/** One conversation with the list of the others, who answers, and how. */
export function ChatRoom({ id, isNew }: { id: string; isNew: boolean }) {
  const { model } = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  const changes = useConversationChanges();
  const [announced, setAnnounced] = useState("");
  const settled = (answer: StoredMessage, isFirst: boolean) => {
    setAnnounced(announcementOf(answer));
    if (isFirst && answer.status === "complete") void changes.nameIt(id);
  };
  const talk = useConversation(id, isNew, settled);
  const choices = useModelChoices();
  const [panel, { toggle: togglePanel, close: closePanel }] = useDisclosure(false);
  const [listed, { toggle: toggleList, close: closeList }] = useDisclosure(false);
  const wide = useMediaQuery("(min-width: 75em)") ?? false;
  const [edited, setEdited] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { session } = talk;
  const earlier = talk.branch.findLast((node) => node.role === "answers")?.answers.map(modelOf);
  const models =
    model ??
    earlier?.filter((one) => one !== null) ??
    (session === null || session.models.length === 0 ? choices.all.slice(0, 1) : session.models);
  const tried = (work: Promise<unknown>) => {
    setFailure(null);
    work.catch(setFailure);
  };
  const [settings, setSettings] = useTurnSettings(session?.settings, (next) => {
    if (session !== null) tried(changes.configure(session, models, next));
  });

  const open = (conversation: string | undefined) => {
    closeList();
    void navigate({ search: { conversation, model: conversation === undefined ? model : undefined } });
  };
  const ask = async (before: readonly Node[], text: string) => {
    setAnnounced("");
    if (session === null) {
      await changes.create(id, models, settings);
      await navigate({ search: (now) => ({ ...now, conversation: id }), replace: true });
    } else await changes.configure(session, models, settings);
    return await talk.ask(before, text, models, settings);
  };
  const list = <ConversationList current={id} open={open} />;
  const problem = choices.error ?? talk.error ?? failure;
  const nothing = choices.loaded && choices.all.length === 0;
  const blocked = nothing
    ? "There is no model to ask yet."
    : models.length === 0
      ? "Choose a model to ask."
      : null;

  return (
    <Flex gap="md" h="calc(100dvh - 52px - 2 * var(--mantine-spacing-md))">
      {wide && (
        <Box w={230} component="aside" aria-label="Conversations">
          {list}
        </Box>
      )}
      <Flex direction="column" flex={1} miw={0}>
        <ChatHeader
          toggleList={wide ? null : toggleList}
          togglePanel={togglePanel}
          begin={() => open(undefined)}
        />
        <ModelChoice
          groups={choices.groups}
          value={models}
          change={(next) => void navigate({ search: (now) => ({ ...now, model: next }), replace: true })}
        />
        <ServiceBanner />
        {problem !== null && <ErrorNotice error={problem} />}
        <VisuallyHidden role="status">{announced}</VisuallyHidden>
        <Flex
          direction="column"
          flex={1}
          mih={0}
          onKeyDown={(event) => {
            if (event.key === "Escape" && talk.answering) tried(talk.stop());
          }}
        >
          {talk.loaded && talk.branch.length === 0 ? (
            <Box flex={1} mih={0} style={{ overflowY: "auto" }}>
              <EmptyConversation blocked={blocked} />
            </Box>
          ) : (
            <Thread branch={talk.branch} reveal={edited}>
              {(node, index) => (
                <MessageRow
                  node={node}
                  siblings={talk.siblings(node)}
                  models={models}
                  choose={(child) => talk.choose(node.parent, child)}
                  editing={edited === node.id}
                  edit={(on) => setEdited(on ? node.id : null)}
                  resend={(text) => tried(ask(talk.branch.slice(0, index), text))}
                  again={() => tried(talk.again(talk.branch.slice(0, index), models, settings))}
                  goOn={(place, answer, by) =>
                    tried(talk.goOn(talk.branch.slice(0, index), place, answer, by, settings))
                  }
                />
              )}
            </Thread>
          )}
          <Composer
            conversation={id}
            isNew={isNew}
            blocked={blocked}
            answering={talk.answering}
            send={(text) => ask(talk.branch, text)}
            stop={() => tried(talk.stop())}
            editLast={() => setEdited(talk.branch.findLast(({ role }) => role === "user")?.id ?? null)}
          />
        </Flex>
      </Flex>
      <Drawer
        lockScroll={false}
        closeButtonProps={{ "aria-label": "Close" }}
        opened={panel}
        onClose={closePanel}
        position="right"
        title="Settings of this conversation"
      >
        <Stack>
          <SettingsForm value={settings} change={setSettings} />
          <Anchor href="#/chat/settings" size="sm">
            Providers, the service, and what tools did
          </Anchor>
        </Stack>
      </Drawer>
      <Drawer
        lockScroll={false}
        closeButtonProps={{ "aria-label": "Close" }}
        opened={listed && !wide}
        onClose={closeList}
        title="Conversations"
      >
        {list}
      </Drawer>
    </Flex>
  );
}

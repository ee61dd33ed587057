import { Box, Button, Drawer, Flex, MultiSelect, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { modelNamesQuery } from "../../hub/queries.ts";
import { announcementOf } from "./announcement.ts";
import { Composer } from "./composer.tsx";
import { ConversationList } from "./conversation-list.tsx";
import { branchOf, childrenOf, type Conversation, type Node, type Settings } from "./conversation.ts";
import { asJson, asMarkdown, download } from "./export.ts";
import { readNodes } from "./keeping.ts";
import { stopAnswering, useAnswering } from "./live-answers.ts";
import { MessageRow } from "./message-row.tsx";
import { NotKeptNotice } from "./not-kept-notice.tsx";
import { mostColumns } from "./routes.ts";
import { SettingsForm } from "./settings-form.tsx";
import { Thread } from "./thread.tsx";
import { useConversation } from "./use-conversation.ts";
import { useConversations } from "./use-conversations.ts";

/** One conversation with the list of the others, who answers, and how. */
export function ChatRoom({ id }: { id: string }) {
  const { model } = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  const kept = useConversations();
  const [announced, setAnnounced] = useState("");
  const talk = useConversation(id, (answer) => setAnnounced(announcementOf(answer)));
  const names = useQuery(modelNamesQuery);
  const [panel, { toggle: togglePanel, close: closePanel }] = useDisclosure(false);
  const [listed, { toggle: toggleList, close: closeList }] = useDisclosure(false);
  const wide = useMediaQuery("(min-width: 75em)") ?? false;
  const known = kept.conversations?.find((one) => one.id === id);
  const [changed, setChanged] = useState<Settings | null>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const settings = changed ?? known?.settings ?? { system: "" };

  const earlier = talk.branch.findLast((node) => node.role === "answers")?.answers.map((one) => one.model);
  const models = model ?? earlier ?? names.data?.slice(0, 1) ?? [];
  const ids = useMemo(() => new Set(talk.branch.map((node) => node.id)), [talk.branch]);
  const answering = useAnswering(ids);
  const open = (conversation: string | undefined) => {
    closeList();
    void navigate({ search: { conversation, model: conversation === undefined ? model : undefined } });
  };

  const ask = async (before: readonly Node[], text: string) => {
    setAnnounced("");
    if (known === undefined) await kept.begin(id, (text.trim().split("\n")[0] ?? "").slice(0, 80), settings);
    else await kept.touch(id);
    await talk.ask(before, text, models, settings);
  };
  const exported = async (one: Conversation, ending: "md" | "json") => {
    const nodes = await readNodes(one.id);
    const shown = one.id === id ? talk.branch : branchOf(childrenOf(nodes), {});
    download(one.title, ending, ending === "md" ? asMarkdown(one.title, shown) : asJson(one, nodes));
  };
  const remove = async (gone: string) => {
    await kept.remove(gone);
    if (gone === id) open(undefined);
  };
  const list = (
    <ConversationList
      conversations={kept.conversations ?? []}
      current={id}
      open={open}
      rename={(one, title) => void kept.rename(one, title)}
      exported={(one, ending) => void exported(one, ending).catch(setFailure)}
      remove={(gone) => void remove(gone).catch(setFailure)}
    />
  );
  const problem = names.error ?? kept.error ?? talk.error ?? failure;
  const blocked =
    names.data?.length === 0
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
        <PageHeader title="Chat">
          {!wide && (
            <Button size="compact-md" variant="default" onClick={toggleList}>
              Conversations
            </Button>
          )}
          <Button size="compact-md" variant="default" onClick={togglePanel}>
            Settings
          </Button>
          <Button size="compact-md" variant="light" onClick={() => open(undefined)}>
            New
          </Button>
        </PageHeader>
        <MultiSelect
          aria-label="Models that answer"
          placeholder={models.length === 0 ? "Choose up to four models" : ""}
          data={[...new Set([...(names.data ?? []), ...models])]}
          value={[...models]}
          maxValues={mostColumns}
          searchable
          mb="xs"
          onChange={(next) => void navigate({ search: (now) => ({ ...now, model: next }), replace: true })}
        />
        {problem !== null && <ErrorNotice error={problem} />}
        <NotKeptNotice
          exported={known === undefined ? null : () => void exported(known, "md").catch(setFailure)}
        />
        <VisuallyHidden role="status">{announced}</VisuallyHidden>
        <Flex
          direction="column"
          flex={1}
          mih={0}
          onKeyDown={(event) => {
            if (event.key === "Escape" && answering) stopAnswering(ids);
          }}
        >
          {talk.loaded && talk.branch.length === 0 ? (
            <Box flex={1} mih={0} style={{ overflowY: "auto" }}>
              {blocked === null ? (
                <EmptyState title="Ask something">
                  Each answer shows how quickly it came and what it comes from: its version, run, dataset and
                  commit.
                </EmptyState>
              ) : (
                <EmptyState
                  title={blocked}
                  action={
                    <Button component="a" href="#/models" variant="light">
                      Go to the models
                    </Button>
                  }
                />
              )}
            </Box>
          ) : (
            <Thread branch={talk.branch} reveal={edited}>
              {(node, index) => (
                <MessageRow
                  node={node}
                  siblings={talk.siblings(node)}
                  choose={(child) => talk.choose(node.parent, child)}
                  editing={edited === node.id}
                  edit={(on) => setEdited(on ? node.id : null)}
                  resend={(text) => void ask(talk.branch.slice(0, index), text)}
                  again={() => void talk.again(talk.branch.slice(0, index), models, settings)}
                  retry={(column) =>
                    node.role === "answers" &&
                    void talk.retry(talk.branch.slice(0, index), node, column, settings)
                  }
                />
              )}
            </Thread>
          )}
          <Composer
            conversation={id}
            blocked={blocked}
            answering={answering}
            send={(text) => ask(talk.branch, text)}
            stop={() => stopAnswering(ids)}
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
        <SettingsForm
          value={settings}
          change={(next) => {
            setChanged(next);
            if (known !== undefined) void kept.configure(id, next);
          }}
        />
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

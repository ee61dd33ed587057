import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ChatSession } from "@hearth/wire/chat/session";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";

/** Asks before a conversation is gone. */
export function DeleteDialog({
  conversation,
  close,
  remove,
}: {
  conversation: ChatSession;
  close: () => void;
  remove: () => Promise<void>;
}) {
  const removal = useMutation({ mutationFn: remove, onSuccess: close });
  return (
    <Dialog opened onClose={close} title="Delete this conversation?">
      <Stack>
        <Text style={{ overflowWrap: "anywhere" }}>
          “{conversation.title}” with its {conversation.message_count} messages is gone then, for every client
          of this hub.
        </Text>
        {removal.error !== null && <ErrorNotice error={removal.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="red" loading={removal.isPending} onClick={() => removal.mutate()}>
            Delete the conversation
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

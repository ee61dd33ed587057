import { ActionIcon, Button, FileButton, Group, Pill, Stack, Text, Textarea } from "@mantine/core";
import { IconPaperclip, IconPlayerStopFilled, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { longPaste, readAttachment, withAttachments, type Attachment } from "./attachments.ts";
import { useDraft } from "./drafts.ts";
import { useFileDrop } from "./use-file-drop.ts";

export interface ComposerProps {
  conversation: string;
  /** It has not begun. */
  isNew: boolean;
  /** Why nothing can be sent now; null when it can. */
  blocked: string | null;
  answering: boolean;
  /** Whether the hub has the prompt. Rejects when it could not even be sent. */
  send: (text: string) => Promise<boolean>;
  stop: () => void;
  /** From an empty field the last prompt can be edited. */
  editLast: () => void;
}

/** Where a prompt is typed. What is typed is kept until it is sent. */
export function Composer(props: ComposerProps) {
  const { conversation, isNew, blocked, answering, send, stop, editLast } = props;
  const { text, type: setText, sent, forget, restore } = useDraft(conversation, isNew);
  const [files, setFiles] = useState<Attachment[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  /** Not answered yet; to disable the button meanwhile would take the focus from it. */
  const [sending, setSending] = useState(false);
  const busy = answering || sending;
  const ready = blocked === null && !busy && (text.trim() !== "" || files.length > 0);

  const attach = async (given: readonly File[]) => {
    const read = await Promise.allSettled(given.map(readAttachment));
    setFiles((known) => [
      ...known,
      ...read.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
    ]);
    setProblem(
      read.flatMap((one) => (one.status === "rejected" ? [String(one.reason.message)] : [])).join(" ") ||
        null,
    );
  };
  const over = useFileDrop((given) => void attach(given));
  const submit = async () => {
    if (!ready) return;
    setSending(true);
    sent();
    setFiles([]);
    setProblem(null);
    try {
      if (await send(withAttachments(text, files))) forget(text);
    } catch (error) {
      restore(text);
      setFiles((now) => (now.length === 0 ? files : now));
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setSending(false);
    }
  };

  return (
    <Stack gap={6} pt="xs">
      {over && (
        <Text size="sm" c="dimmed" ta="center" p="xs" bd="1px dashed var(--mantine-color-dimmed)">
          Drop text files to attach them
        </Text>
      )}
      {files.length > 0 && (
        <Group gap={4}>
          {files.map((file, index) => (
            <Pill
              key={`${file.name} ${index}`}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Remove ${file.name}`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => setFiles((known) => known.filter((_, other) => other !== index))}
            >
              {file.name}
            </Pill>
          ))}
        </Group>
      )}
      {problem !== null && (
        <Text size="sm" c="red.9" role="alert" darkHidden>
          {problem}
        </Text>
      )}
      {problem !== null && (
        <Text size="sm" c="red.3" role="alert" lightHidden>
          {problem}
        </Text>
      )}
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <FileButton multiple onChange={(given) => void attach(given)}>
          {(props) => (
            <ActionIcon variant="default" size={36} aria-label="Attach text files" {...props}>
              <IconPaperclip size={18} />
            </ActionIcon>
          )}
        </FileButton>
        <Textarea
          flex={1}
          aria-label="Prompt"
          aria-keyshortcuts="i"
          placeholder={blocked ?? "Ask something. Enter sends, Shift + Enter begins a line."}
          autosize
          minRows={1}
          maxRows={10}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            const { clipboardData } = event;
            const pasted = clipboardData.getData("text/plain");
            // Text of an office program comes with a picture of itself: there the text is meant.
            const given =
              pasted === ""
                ? [...clipboardData.files]
                : pasted.length > longPaste
                  ? [new File([pasted], "pasted.txt")]
                  : [];
            if (given.length === 0) return;
            event.preventDefault();
            void attach(given);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "ArrowUp" && text === "") {
              event.preventDefault();
              editLast();
            }
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            void submit();
          }}
        />
        {busy ? (
          <Button
            color="gray"
            variant="default"
            leftSection={<IconPlayerStopFilled size={16} />}
            onClick={stop}
          >
            Stop
          </Button>
        ) : (
          <Button leftSection={<IconSend size={16} />} disabled={!ready} onClick={() => void submit()}>
            Send
          </Button>
        )}
      </Group>
    </Stack>
  );
}

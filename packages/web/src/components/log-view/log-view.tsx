import { ActionIcon, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp, IconCopy, IconCopyCheck, IconDownload } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { formatCount } from "../format.ts";
import { findLines } from "./find-lines.ts";
import { LogLines } from "./log-lines.tsx";

export interface LogViewProps {
  label: string;
  lines: readonly string[];
  /** Of the file that it is downloaded as. */
  fileName: string;
}

/** Lines of a log, the newest at the end: to be searched, followed, copied and downloaded. */
export function LogView({ label, lines, fileName }: LogViewProps) {
  const [follow, setFollow] = useState(true);
  const [text, setText] = useState("");
  const [nth, setNth] = useState(0);
  const clipboard = useClipboard();
  const found = useMemo(() => findLines(lines, text), [lines, text]);
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        It has said nothing yet.
      </Text>
    );
  }
  const go = (by: number) => {
    setFollow(false);
    setNth((before) => (before + by + found.length) % Math.max(1, found.length));
  };
  const all = () => `${lines.join("\n")}\n`;
  const matches = found.length === 0 ? "no line" : `${formatCount(nth + 1)} of ${formatCount(found.length)}`;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <TextInput
          size="xs"
          type="search"
          aria-label="Search in the log"
          placeholder="Search in the log"
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value);
            setNth(0);
            if (value !== "") setFollow(false);
          }}
          onKeyDown={({ key, shiftKey }) => {
            if (key === "Enter") go(shiftKey ? -1 : 1);
          }}
        />
        {text !== "" && (
          <Group gap={4}>
            <ActionIcon variant="default" aria-label="Previous line found" onClick={() => go(-1)}>
              <IconChevronUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="default" aria-label="Next line found" onClick={() => go(1)}>
              <IconChevronDown size={16} aria-hidden />
            </ActionIcon>
          </Group>
        )}
        <Text size="xs" c="dimmed" role="status">
          {text === "" ? `${formatCount(lines.length)} lines` : matches}
        </Text>
        <Group gap="xs" ml="auto">
          <Switch
            size="sm"
            label="Follow"
            checked={follow}
            onChange={({ currentTarget: { checked } }) => setFollow(checked)}
          />
          <ActionIcon
            variant="default"
            aria-label={clipboard.copied ? "Copied" : "Copy the log"}
            onClick={() => clipboard.copy(all())}
          >
            {clipboard.copied ? <IconCopyCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
          <ActionIcon
            variant="default"
            aria-label="Download the log"
            onClick={() => download(fileName, all())}
          >
            <IconDownload size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <LogLines
        label={label}
        lines={lines}
        follow={follow}
        onFollow={setFollow}
        marked={text === "" ? null : (found[nth] ?? null)}
      />
    </Stack>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

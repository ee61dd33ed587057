import { ActionIcon, Box, CopyButton, Group, ScrollArea, Text } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useIsCodeFenceIncomplete } from "streamdown";
import { z } from "zod";
import { CodeText } from "./code-text.tsx";

interface Piece {
  value?: string | undefined;
  children?: Piece[] | undefined;
}
const piece: z.ZodType<Piece> = z.object({
  value: z.string().optional(),
  get children() {
    return z.array(piece).optional();
  },
});
const preElement = z.object({
  children: z.array(
    z.object({
      properties: z.object({ className: z.array(z.string()).optional() }).optional(),
      children: z.array(piece).optional(),
    }),
  ),
});

const textOf = (pieces: readonly Piece[]): string =>
  pieces.map((one) => one.value ?? textOf(one.children ?? [])).join("");

/** A fenced block of an answer with its language, its colours once it is complete, and a button that copies it. */
export function CodeBlock({ node }: { node: unknown }) {
  const incomplete = useIsCodeFenceIncomplete();
  const parsed = preElement.safeParse(node);
  const code = parsed.success ? parsed.data.children[0] : undefined;
  const text = textOf(code?.children ?? []).replace(/\n$/, "");
  const language = code?.properties?.className?.find((name) => name.startsWith("language-"))?.slice(9) ?? "";
  return (
    <Box
      my="xs"
      bd="1px solid var(--mantine-color-default-border)"
      style={{ borderRadius: 8, overflow: "hidden" }}
    >
      <Group justify="space-between" px="xs" py={2} bg="var(--mantine-color-default-hover)">
        <Text size="xs" c="dimmed" truncate>
          {language === "" ? "code" : language}
        </Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" size="sm" color="gray" aria-label="Copy the code" onClick={copy}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          )}
        </CopyButton>
      </Group>
      <ScrollArea.Autosize mah={420} viewportProps={{ tabIndex: 0, role: "group", "aria-label": "Code" }}>
        <Text component="pre" ff="monospace" size="sm" p="xs" m={0}>
          <CodeText code={text} language={language} complete={!incomplete} />
        </Text>
      </ScrollArea.Autosize>
    </Box>
  );
}

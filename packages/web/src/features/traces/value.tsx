import { Button, Code, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { z } from "zod";
import { jsonOf } from "./span-facts.ts";

/** Longer texts are folded. */
const most = 1_200;

const conversation = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
});

/** A value from outside as text: conversations by message, JSON indented, what is long folded. */
export function Value({ label, value }: { label: string; value: unknown }) {
  const parsed = typeof value === "string" ? (jsonOf(value) ?? value) : value;
  const chat = conversation.safeParse(parsed);
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      {chat.success ? (
        chat.data.messages.map((message, index) => (
          <div key={index}>
            <Text size="xs" c="dimmed">
              {message.role}
            </Text>
            <Folded text={message.content} />
          </div>
        ))
      ) : (
        <Folded text={typeof parsed === "string" ? parsed : (JSON.stringify(parsed, null, 2) ?? "")} />
      )}
    </Stack>
  );
}

/** A text that can be unfolded when it is long. */
export function Folded({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const long = text.length > most;
  return (
    <>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {long && !open ? `${text.slice(0, most)}…` : text}
      </Code>
      {long && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          style={{ alignSelf: "flex-start" }}
        >
          {open ? "Fold" : `Show all ${text.length.toLocaleString("en")} characters`}
        </Button>
      )}
    </>
  );
}

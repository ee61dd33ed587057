import { Group, Kbd, Stack, Table, Title } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { navigation } from "../navigation.ts";
import { pageShortcuts } from "./page-shortcuts.ts";

/** Every shortcut there is now: those of all pages, and those of the one that is shown. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const [ofPage] = useState(pageShortcuts);
  return (
    <Dialog opened onClose={onClose} title="Keyboard shortcuts" size="lg">
      <Stack>
        {ofPage.length > 0 && (
          <Shortcuts title="On this page" rows={ofPage.map(({ key, label }) => ({ keys: [key], label }))} />
        )}
        <Shortcuts
          title="Everywhere"
          rows={[
            { keys: ["Ctrl", "K"], label: "Find anything (⌘ K on a Mac)" },
            { keys: ["/"], label: "Search or filter on this page, or find anything" },
            { keys: ["?"], label: "These shortcuts" },
            { keys: ["Esc"], label: "Close what is open" },
          ]}
        />
        <Shortcuts
          title="Go to"
          rows={navigation.map(({ key, label }) => ({ keys: ["g", key], label }))}
          then
        />
      </Stack>
    </Dialog>
  );
}

interface ShortcutsProps {
  title: string;
  rows: readonly { keys: readonly string[]; label: string }[];
  /** The keys are pressed after each other. */
  then?: boolean;
}

function Shortcuts({ title, rows, then = false }: ShortcutsProps) {
  return (
    <section aria-label={title}>
      <Title order={3} size="h5">
        {title}
      </Title>
      <Table aria-label={title} verticalSpacing={4}>
        <Table.Tbody>
          {rows.map(({ keys, label }) => (
            <Table.Tr key={`${keys.join(" ")} ${label}`}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{label}</Table.Td>
              <Table.Td w={130}>
                <Group gap={4} wrap="nowrap" justify="flex-end">
                  {keys.map((key, index) => (
                    <span key={key}>
                      {index > 0 && (then ? " then " : " + ")}
                      <Kbd>{key}</Kbd>
                    </span>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

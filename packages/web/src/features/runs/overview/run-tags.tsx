import { ActionIcon, Button, Group } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { useState } from "react";
import { Section } from "../../../components/section.tsx";
import { PairTable, type Pair } from "./pair-table.tsx";
import { RemoveTagDialog, TagDialog } from "./tag-dialogs.tsx";

/** Tags that programs set for programs; what they say stands elsewhere on the page, and nobody edits them by hand. */
const isSystem = (key: string): boolean =>
  /^(mlflow|hearth|system|call|exception)\./.test(key) || key.startsWith("packages.lock");

type Asking = { kind: "add" } | { kind: "edit" | "remove"; pair: Pair };

/** What people say of a run, to be changed here; and below it what programs say. */
export function RunTags({ run, find }: { run: RunDetails; find: string }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [systemToo, setSystemToo] = useState(false);
  const active = run.lifecycle_stage === "active";
  const pairs = Object.entries(run.tags).map(([key, value]) => ({ key, value }));
  const system = pairs.filter(({ key }) => isSystem(key));
  const own = pairs.filter(({ key }) => !isSystem(key));
  const close = () => setAsking(null);
  const buttons = (pair: Pair) => (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Edit the tag ${pair.key}`}
        onClick={() => setAsking({ kind: "edit", pair })}
      >
        <IconPencil size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Remove the tag ${pair.key}`}
        onClick={() => setAsking({ kind: "remove", pair })}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
  return (
    <Section title="Tags">
      <PairTable
        title="Tags"
        pairs={own}
        find={find}
        none="None were set."
        {...(active ? { extra: buttons } : {})}
      />
      <Group mt="xs" gap="xs">
        {active && (
          <Button variant="default" size="compact-sm" onClick={() => setAsking({ kind: "add" })}>
            Add a tag
          </Button>
        )}
        {system.length > 0 && (
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={systemToo}
            onClick={() => setSystemToo(!systemToo)}
          >
            {systemToo ? "Hide" : "Show"} {system.length} of the system
          </Button>
        )}
      </Group>
      {systemToo && <PairTable title="Tags of the system" pairs={system} find={find} none="" />}
      {asking?.kind === "add" && <TagDialog run={run} before={null} onClose={close} />}
      {asking?.kind === "edit" && <TagDialog run={run} before={asking.pair} onClose={close} />}
      {asking?.kind === "remove" && <RemoveTagDialog run={run} tag={asking.pair.key} onClose={close} />}
    </Section>
  );
}

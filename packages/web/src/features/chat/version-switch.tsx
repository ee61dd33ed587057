import { ActionIcon, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { Node } from "./conversation.ts";

/** "2 / 3": goes between the versions of a prompt or of its answers. */
export function VersionSwitch({
  node,
  siblings,
  choose,
}: {
  node: Node;
  siblings: readonly Node[];
  choose: (id: string) => void;
}) {
  if (siblings.length < 2) return null;
  const index = siblings.findIndex(({ id }) => id === node.id);
  const [before, after] = [siblings[index - 1], siblings[index + 1]];
  return (
    <Group gap={2} role="group" aria-label="Versions">
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label="Earlier version"
        disabled={index < 1}
        onClick={() => before !== undefined && choose(before.id)}
      >
        <IconChevronLeft size={14} />
      </ActionIcon>
      <Text size="xs" className="figures">
        {index + 1} / {siblings.length}
      </Text>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label="Later version"
        disabled={after === undefined}
        onClick={() => after !== undefined && choose(after.id)}
      >
        <IconChevronRight size={14} />
      </ActionIcon>
    </Group>
  );
}

import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Popover,
  ScrollArea,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns } from "@tabler/icons-react";
import { useState } from "react";

export interface ColumnChooserProps {
  all: readonly string[];
  shown: readonly string[];
  /** Undefined: back to the usual ones. */
  onChange: (columns: string[] | undefined) => void;
}

/** Which columns, and in which order. */
export function ColumnChooser({ all, shown, onChange }: ColumnChooserProps) {
  const [search, setSearch] = useState("");
  const rest = all.filter((column) => !shown.includes(column));
  const found = [...shown, ...rest].filter((column) => column.toLowerCase().includes(search.toLowerCase()));
  const move = (column: string, by: -1 | 1) => {
    const at = shown.indexOf(column);
    const next = shown.filter((one) => one !== column);
    onChange(next.toSpliced(Math.max(0, at + by), 0, column));
  };
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns size={16} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown w={320} aria-label="Columns">
        <TextInput
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <ScrollArea.Autosize mah={320} my="xs" viewportProps={{ tabIndex: 0 }}>
          <Stack gap={4}>
            {found.map((column) => {
              const at = shown.indexOf(column);
              return (
                <Group key={column} mih={28} gap={4} wrap="nowrap" justify="space-between">
                  <Checkbox
                    size="xs"
                    label={column}
                    checked={at >= 0}
                    onChange={() =>
                      onChange(at >= 0 ? shown.filter((one) => one !== column) : [...shown, column])
                    }
                    styles={{ label: { overflowWrap: "anywhere" } }}
                  />
                  {at >= 0 && (
                    <Group gap={0} wrap="nowrap">
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Move ${column} to the left`}
                        onClick={() => move(column, -1)}
                      >
                        <IconArrowUp size={14} />
                      </ActionIcon>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Move ${column} to the right`}
                        onClick={() => move(column, 1)}
                      >
                        <IconArrowDown size={14} />
                      </ActionIcon>
                    </Group>
                  )}
                </Group>
              );
            })}
            {found.length === 0 && <Text size="sm">No column is called so.</Text>}
          </Stack>
        </ScrollArea.Autosize>
        <Button variant="subtle" size="xs" onClick={() => onChange(undefined)}>
          The usual columns
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

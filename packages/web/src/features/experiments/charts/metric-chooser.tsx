import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { formatCount } from "../../../components/format.ts";

export interface MetricChooserProps {
  all: readonly string[];
  shown: readonly string[];
  /** Undefined: back to the usual ones. */
  onChange: (metrics: string[] | undefined) => void;
}

/** More rows than these are found by typing, not by scrolling. */
const listed = 60;

/** Which metrics have a chart. */
export function MetricChooser({ all, shown, onChange }: MetricChooserProps) {
  const [search, setSearch] = useState("");
  const chosen = useMemo(() => new Set(shown), [shown]);
  const found = useMemo(
    () => all.filter((metric) => metric.toLowerCase().includes(search.trim().toLowerCase())),
    [all, search],
  );
  const turn = (metric: string) =>
    onChange(chosen.has(metric) ? shown.filter((one) => one !== metric) : [...shown, metric]);
  return (
    <Popover position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconChartLine size={16} aria-hidden />}>
          Metrics
        </Button>
      </Popover.Target>
      <Popover.Dropdown w={320} aria-label="Metrics">
        <TextInput
          aria-label="Find a metric"
          placeholder="Find a metric"
          data-autofocus
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <ScrollArea.Autosize mah={320} my="xs" viewportProps={{ tabIndex: 0 }}>
          <Stack gap={6}>
            {found.slice(0, listed).map((metric) => (
              <Checkbox
                key={metric}
                size="xs"
                label={metric}
                checked={chosen.has(metric)}
                onChange={() => turn(metric)}
                styles={{ label: { overflowWrap: "anywhere" } }}
              />
            ))}
            {found.length > listed && (
              <Text size="sm" c="dimmed">
                {formatCount(found.length - listed)} more: type a part of the name.
              </Text>
            )}
            {found.length === 0 && <Text size="sm">No metric is called so.</Text>}
          </Stack>
        </ScrollArea.Autosize>
        <Group gap="xs">
          <Button variant="subtle" size="xs" disabled={found.length === 0} onClick={() => onChange(found)}>
            {search.trim() === "" ? "All" : "Only the found"}
          </Button>
          <Button variant="subtle" size="xs" onClick={() => onChange([])}>
            None
          </Button>
          <Button variant="subtle" size="xs" onClick={() => onChange(undefined)}>
            The usual ones
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}

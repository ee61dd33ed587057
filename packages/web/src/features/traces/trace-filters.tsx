import { Autocomplete, Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelNamesQuery } from "../../hub/queries.ts";
import { tracesSearch, type TracesSearch } from "./search.ts";

const states = [
  { value: "OK", label: "ok" },
  { value: "ERROR", label: "error" },
  { value: "IN_PROGRESS", label: "in progress" },
];
const times = [
  { value: "1h", label: "the last hour" },
  { value: "24h", label: "the last day" },
  { value: "7d", label: "the last week" },
];

export interface TraceFiltersProps {
  search: TracesSearch;
  onChange: (change: Partial<TracesSearch>) => void;
}

/** Which traces are shown; everything of it is in the address. */
export function TraceFilters({ search, onChange }: TraceFiltersProps) {
  const [text, setText] = useState(search.text ?? "");
  const [model, setModel] = useState(search.model ?? "");
  const settle = useDebouncedCallback(onChange, 250);
  const models = useQuery(modelNamesQuery);
  // What the schema does not know is no filter.
  const chosen = (change: Record<string, string | null>) =>
    onChange(
      tracesSearch
        .partial()
        .parse(Object.fromEntries(Object.entries(change).map(([k, v]) => [k, v ?? undefined]))),
    );
  const filtered = [search.text, search.model, search.state, search.within, search.experiment].some(
    (value) => value !== undefined,
  );
  return (
    <Group gap="sm" mb="md" align="flex-end">
      <TextInput
        label="Text"
        aria-keyshortcuts="/"
        placeholder="Name, question, answer or id"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        maxLength={500}
        onChange={(event) => {
          setText(event.currentTarget.value);
          settle({ text: event.currentTarget.value || undefined });
        }}
        w={{ base: "100%", xs: 260 }}
      />
      <Autocomplete
        label="Model"
        placeholder="Any"
        data={[...new Set(models.data)]}
        limit={20}
        value={model}
        onChange={(value) => {
          setModel(value);
          settle({ model: value || undefined });
        }}
        w={180}
      />
      <Select
        label="Status"
        placeholder="Any"
        clearable
        data={states}
        value={search.state ?? null}
        onChange={(state) => chosen({ state })}
        w={130}
      />
      <Select
        label="Time"
        placeholder="Any"
        clearable
        data={times}
        value={search.within ?? null}
        onChange={(within) => chosen({ within })}
        w={150}
      />
      {filtered && (
        <Button
          variant="subtle"
          onClick={() => {
            setText("");
            setModel("");
            onChange({
              text: undefined,
              model: undefined,
              state: undefined,
              within: undefined,
              experiment: undefined,
            });
          }}
        >
          Clear
        </Button>
      )}
    </Group>
  );
}

import { Autocomplete, Button, Group, Pill, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelNamesQuery } from "../../../hub/queries.ts";
import { mostVersions } from "./compare-search.ts";

/** Names that are offered at a time; further ones are found by typing. */
const mostOffered = 50;

export interface VersionPickerProps {
  references: readonly string[];
  choose: (references: string[]) => void;
}

/** Adds a version to a comparison and takes one away. */
export function VersionPicker({ references, choose }: VersionPickerProps) {
  const [text, setText] = useState("");
  const names = useQuery(modelNamesQuery);
  // Models of other servers have no version that could be looked at.
  const offered = names.data?.filter((name) => !name.includes("/") && !references.includes(name)) ?? [];
  const full = references.length >= mostVersions;
  return (
    <Group
      component="form"
      align="flex-end"
      onSubmit={(event) => {
        event.preventDefault();
        choose([...references, text.trim()]);
        setText("");
      }}
    >
      <Autocomplete
        label="Compare with"
        placeholder="name:3 or name@alias"
        data={offered}
        limit={mostOffered}
        value={text}
        onChange={setText}
        disabled={full}
        w={260}
      />
      <Button type="submit" variant="default" disabled={full || text.trim() === ""}>
        Add
      </Button>
      <Pill.Group>
        {references.map((reference) => (
          <Pill
            key={reference}
            withRemoveButton
            removeButtonProps={{ "aria-label": `Remove ${reference}`, "aria-hidden": false, tabIndex: 0 }}
            onRemove={() => choose(references.filter((one) => one !== reference))}
          >
            {reference}
          </Pill>
        ))}
      </Pill.Group>
      {full && (
        <Text size="sm" c="dimmed">
          At most {mostVersions} are compared at a time.
        </Text>
      )}
    </Group>
  );
}

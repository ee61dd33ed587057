import { Loader, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";
import { Dialog } from "../../components/dialog.tsx";
import type { Finding } from "./finding.ts";
import { FindingList, optionId } from "./finding-list.tsx";
import { matches } from "./matching.ts";
import { useFindings } from "./use-findings.ts";
import { usePlaces } from "./use-places.ts";

export interface PaletteProps {
  /** `leaves`: the focus goes to the page that was chosen, otherwise back to where it was. */
  onClosed: (leaves: boolean) => void;
  openHelp: () => void;
}

const listId = "palette-list";

/** Finds rooms, actions and things by name. The keys stay in the field; which one is meant is told by reference. */
export function Palette({ onClosed, openHelp }: PaletteProps) {
  const [query, setQuery] = useState("");
  // By its key: answers that come in later must not put another thing under the Enter key.
  const [marked, setMarked] = useState<string | null>(null);
  const places = usePlaces(openHelp).filter(({ group, label }) => matches(query, `${group} ${label}`));
  const { findings, searching, error } = useFindings(query);
  const all = [...places, ...findings];
  const current = Math.max(
    0,
    all.findIndex(({ key }) => key === marked),
  );

  const choose = ({ to }: Finding) => {
    onClosed(typeof to === "string");
    if (typeof to === "string") location.assign(to);
    else to();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setMarked(all.at((current + step) % all.length)?.key ?? null);
    }
    const finding = all[current];
    if (event.key === "Enter" && finding !== undefined) {
      event.preventDefault();
      choose(finding);
    }
  };
  return (
    <Dialog
      opened
      onClose={() => onClosed(false)}
      withCloseButton={false}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      yOffset="10dvh"
      size={600}
      padding="sm"
      aria-label="Find anything"
    >
      <TextInput
        role="combobox"
        aria-label="Find rooms, actions and things by name"
        aria-expanded
        aria-autocomplete="list"
        aria-controls={listId}
        aria-activedescendant={all.length === 0 ? undefined : optionId(current)}
        placeholder="Find a model, a run, a page…"
        size="md"
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={searching ? <Loader size="xs" aria-hidden /> : null}
        autoComplete="off"
        spellCheck={false}
        maxLength={300}
        data-autofocus
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setMarked(null);
        }}
        onKeyDown={onKeyDown}
      />
      <FindingList id={listId} findings={all} current={current} choose={choose} />
      <Text size="sm" c="dimmed" role="status">
        {statusOf(all.length, searching, error)}
      </Text>
    </Dialog>
  );
}

function statusOf(found: number, searching: boolean, error: Error | null): string {
  if (error !== null) return `Not everything could be searched: ${error.message}`;
  if (found > 0) return "";
  return searching ? "Searching…" : "Nothing is called so";
}

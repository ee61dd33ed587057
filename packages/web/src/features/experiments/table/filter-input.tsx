import { Combobox, TextInput, CloseButton, useCombobox } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import { completions } from "./completion.ts";

export interface FilterInputProps {
  filter: string;
  onFilter: (filter: string) => void;
  columns: readonly string[];
  /** Values that were seen of a column. */
  values: (column: string) => readonly string[];
  /** Why the hub refuses it. */
  error: string | undefined;
}

/** MLflow's search language, with what may come next; Enter searches. */
export function FilterInput({ filter, onFilter, columns, values, error }: FilterInputProps) {
  const [text, setText] = useState(filter);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const options = completions(text, columns, values);
  const clear = () => {
    setText("");
    onFilter("");
  };
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(option) => {
        const chosen = options.find((one) => one.text === option);
        if (chosen !== undefined) setText(text.slice(0, chosen.from) + chosen.text);
        combobox.resetSelectedOption();
      }}
    >
      <Combobox.Target withKeyboardNavigation>
        <TextInput
          aria-label="Filter"
          aria-keyshortcuts="/"
          placeholder="metrics.loss < 0.1 AND params.model = 'tiny'"
          leftSection={<IconFilter size={16} aria-hidden />}
          rightSection={
            text === "" ? null : <CloseButton size="sm" aria-label="Clear the filter" onClick={clear} />
          }
          value={text}
          error={error}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          autoComplete="off"
          spellCheck={false}
          maxLength={20_000}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
            combobox.resetSelectedOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || combobox.getSelectedOptionIndex() >= 0) return;
            combobox.closeDropdown();
            onFilter(text.trim());
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={options.length === 0}>
        <Combobox.Options mah={260} style={{ overflowY: "auto" }} aria-label="Ways to go on">
          {options.map((option) => (
            <Combobox.Option key={option.text} value={option.text}>
              {option.text}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

import { Box, Button, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { formatCount } from "../../../../components/format.ts";
import "../../../../components/code/code-colors.css";
import classes from "./json-tree.module.css";
import { SourceNumber } from "./json-value.ts";

/** Of a long list or a long text so much is drawn at first. */
const firstEntries = 100;
const firstCharacters = 2_000;
/** What is deeper, or longer, is closed at first. */
const openDepth = 2;

/** A value of JSON whose lists and objects fold. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <Box className={classes["tree"]} tabIndex={0} role="group" aria-label="Value of the file">
      <Value name={null} value={value} depth={0} />
    </Box>
  );
}

interface ValueProps {
  /** Key or index; null of the whole. */
  name: string | null;
  value: unknown;
  depth: number;
}

function Value({ name, value, depth }: ValueProps) {
  if (typeof value === "object" && value !== null && !(value instanceof SourceNumber))
    return <Several name={name} value={value} depth={depth} />;
  return (
    <div>
      <Name name={name} />
      <One value={value} />
    </div>
  );
}

function Name({ name }: { name: string | null }) {
  return name === null ? null : <span className={classes["name"]}>{name}: </span>;
}

function One({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  if (typeof value !== "string") return <span data-type={typeof value}>{String(value)}</span>;
  const cut = !all && value.length > firstCharacters;
  return (
    <>
      <span data-type="string">{JSON.stringify(cut ? value.slice(0, firstCharacters) : value)}</span>
      {cut && (
        <Button variant="light" size="compact-xs" onClick={() => setAll(true)}>
          Show all {formatCount(value.length)} characters
        </Button>
      )}
    </>
  );
}

function Several({ name, value, depth }: ValueProps & { value: object }) {
  const entries = Object.entries(value);
  const [open, setOpen] = useState(depth < openDepth && (depth === 0 || entries.length <= firstEntries));
  const [shown, setShown] = useState(firstEntries);
  const isList = Array.isArray(value);
  const size = formatCount(entries.length);
  if (entries.length === 0)
    return (
      <div>
        <Name name={name} />
        {isList ? "[]" : "{}"}
      </div>
    );
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton className={classes["fold"]} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={14} aria-hidden />
        <Name name={name} />
        <span className={classes["size"]}>{isList ? `[${size}]` : `{${size}}`}</span>
      </UnstyledButton>
      {open && (
        <ul className={classes["entries"]}>
          {entries.slice(0, shown).map(([key, entry]) => (
            <li key={key}>
              <Value name={key} value={entry} depth={depth + 1} />
            </li>
          ))}
          {entries.length > shown && (
            <li>
              <Button variant="light" size="compact-xs" onClick={() => setShown(shown + firstEntries * 5)}>
                Show more of {size}
              </Button>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

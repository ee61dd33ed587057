import { Box, Text, UnstyledButton } from "@mantine/core";
import { useEffect } from "react";
import type { Finding } from "./finding.ts";
import classes from "./finding-list.module.css";

/** Id of the n-th option, by which the field tells which one is meant. */
export function optionId(index: number): string {
  return `palette-option-${index}`;
}

export interface FindingListProps {
  id: string;
  findings: readonly Finding[];
  /** Index of the one that Enter takes. */
  current: number;
  choose: (finding: Finding) => void;
}

/** Findings under the headings of their groups. */
export function FindingList({ id, findings, current, choose }: FindingListProps) {
  useEffect(() => {
    document.getElementById(optionId(current))?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const groups = Map.groupBy(
    findings.map((finding, index) => ({ finding, index })),
    ({ finding }) => finding.group,
  );
  return (
    <div id={id} role="listbox" aria-label="What was found" tabIndex={-1} className={classes["list"]}>
      {[...groups].map(([group, members]) => (
        <div key={group} role="group" aria-label={group}>
          <Text size="xs" c="dimmed" fw={600} px="xs" pt="xs" aria-hidden>
            {group}
          </Text>
          {members.map(({ finding, index }) => (
            <UnstyledButton
              key={finding.key}
              id={optionId(index)}
              role="option"
              aria-selected={index === current}
              tabIndex={-1}
              className={classes["option"]}
              // The focus stays in the field.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(finding)}
            >
              <finding.icon size={18} aria-hidden />
              <Box miw={0}>
                <Text size="sm" truncate>
                  {finding.label}
                </Text>
                {finding.description !== undefined && (
                  <Text size="xs" c="dimmed" truncate>
                    {finding.description}
                  </Text>
                )}
              </Box>
            </UnstyledButton>
          ))}
        </div>
      ))}
    </div>
  );
}

import { Badge, Table, Text } from "@mantine/core";
import type { EngineEvent } from "@hearth/wire/hub/serving-statistics";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { formatMs } from "./figures.ts";
import { MoreButton } from "./more-button.tsx";
import { eventsQuery } from "./queries.ts";

const shownAtFirst = 10;

const words: Record<EngineEvent["type"], { word: string; color: string }> = {
  loaded: { word: "loaded", color: "green" },
  load_failed: { word: "not loaded", color: "red" },
  evicted: { word: "evicted", color: "yellow" },
  gave_way: { word: "gave way", color: "yellow" },
  unused: { word: "unloaded", color: "gray" },
  unloaded: { word: "unloaded", color: "gray" },
  crashed: { word: "crashed", color: "red" },
  quarantined: { word: "given up", color: "red" },
};

/** Loads, evictions and crashes, and why. */
export function EngineEvents() {
  const { data, error } = useQuery(eventsQuery);
  const [all, setAll] = useState(false);
  return (
    <Section title="What happened to engines">
      {error !== null && <ErrorNotice error={error} />}
      {data?.length === 0 && (
        <Text c="dimmed" size="sm">
          Nothing since the hub was started.
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <>
          <TitledTable
            label="What happened to engines"
            titles={["When", "Model", "What", "Why"]}
            minWidth={560}
          >
            {data.slice(0, all ? data.length : shownAtFirst).map((event, index) => (
              <Table.Tr key={`${event.at} ${data.length - index}`}>
                <Table.Td style={{ whiteSpace: "nowrap" }}>
                  <Age at={event.at} />
                </Table.Td>
                <Table.Td>{event.model}</Table.Td>
                <Table.Td>
                  <Badge color={words[event.type].color} variant="dot" size="sm">
                    {words[event.type].word}
                  </Badge>
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{whyOf(event)}</Table.Td>
              </Table.Tr>
            ))}
          </TitledTable>
          <MoreButton total={data.length} shown={shownAtFirst} all={all} onChange={setAll} />
        </>
      )}
    </Section>
  );
}

function whyOf({ type, load_ms, made_room_for, message }: EngineEvent): string {
  switch (type) {
    case "loaded":
      return `in ${formatMs(load_ms)}`;
    case "evicted":
      return made_room_for === null ? "to make room" : `to make room for ${made_room_for}`;
    case "gave_way":
      return "to make room for a training job";
    case "unused":
      return "nobody had used it for a while";
    case "unloaded":
      return "somebody asked for it";
    case "load_failed":
    case "crashed":
    case "quarantined":
      return message ?? "";
  }
}

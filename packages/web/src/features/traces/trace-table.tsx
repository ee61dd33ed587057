import { Table, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { TraceSummary } from "@hearth/wire/hub/traces";
import { Age } from "../../components/age.tsx";
import { countOrDash, timeOrDash, tokensOf, TraceNameCells } from "../../components/trace-cells.tsx";
import type { TracesSearch } from "./search.ts";
import { formatCost } from "./span-facts.ts";

type Sort = NonNullable<TracesSearch["sort"]>;

const columns: readonly { label: string; sort?: Sort; figures?: boolean }[] = [
  { label: "Trace" },
  { label: "Model" },
  { label: "Status" },
  { label: "Tokens in / out", sort: "total_tokens", figures: true },
  { label: "Cached", figures: true },
  { label: "First token", sort: "ttft_ms", figures: true },
  { label: "Latency", sort: "duration_ms", figures: true },
  { label: "Cost", sort: "total_cost", figures: true },
  { label: "Started", sort: "started_at" },
];

export interface TraceTableProps {
  traces: readonly TraceSummary[];
  search: TracesSearch;
  onSort: (sort: Sort, order: "asc" | "desc") => void;
}

/** A page of traces; the name of each opens it. */
export function TraceTable({ traces, search, onSort }: TraceTableProps) {
  const sorted = search.sort ?? "started_at";
  const order = search.order ?? "desc";
  return (
    <Table.ScrollContainer minWidth={980} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ label, sort, figures }) => (
              <Table.Th
                key={label}
                ta={figures === true ? "right" : undefined}
                {...(sort === sorted
                  ? { "aria-sort": order === "asc" ? ("ascending" as const) : ("descending" as const) }
                  : {})}
              >
                {sort === undefined ? (
                  label
                ) : (
                  <UnstyledButton
                    fw={700}
                    fz="sm"
                    onClick={() => onSort(sort, sort === sorted && order === "desc" ? "asc" : "desc")}
                  >
                    {label}
                    {sort === sorted && <span aria-hidden>{order === "asc" ? " ↑" : " ↓"}</span>}
                  </UnstyledButton>
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {traces.map((trace) => (
            <Row key={trace.id} trace={trace} search={search} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ trace, search }: { trace: TraceSummary; search: TracesSearch }) {
  return (
    <Table.Tr>
      <TraceNameCells
        trace={trace}
        link={(props) => (
          <Link to="/traces" search={{ ...search, trace: trace.id, span: undefined }} {...props} />
        )}
      />
      <Table.Td ta="right">{tokensOf(trace)}</Table.Td>
      <Table.Td ta="right">{countOrDash(trace.cached_tokens)}</Table.Td>
      <Table.Td ta="right">{timeOrDash(trace.ttft_ms)}</Table.Td>
      <Table.Td ta="right">{timeOrDash(trace.duration_ms)}</Table.Td>
      <Table.Td ta="right">{trace.total_cost === null ? "–" : formatCost(trace.total_cost)}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Age at={trace.started_at} />
      </Table.Td>
    </Table.Tr>
  );
}

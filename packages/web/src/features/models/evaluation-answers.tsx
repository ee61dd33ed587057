import { SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { evaluationRowsQuery, type EvaluationRow } from "@hearth/wire/hub/evaluation";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatMetric } from "../../components/format.ts";
import { Pages } from "../../components/pages.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";

const rowsOnPage = 20;
const wrap = { overflowWrap: "anywhere", whiteSpace: "pre-wrap" } as const;

/** Every row of an evaluation, by pages: all of them, or what was right, wrong or could not be measured. */
export function EvaluationAnswers({ id }: { id: string }) {
  const only = evaluationRowsQuery.shape.only;
  const [which, setWhich] = useState("all");
  const [page, setPage] = useState(1);
  const offset = (page - 1) * rowsOnPage;
  const { data, error } = useQuery({
    queryKey: ["evaluation", id, "rows", which, offset],
    queryFn: ({ signal }) =>
      hub.evaluations.rows(id, { only: only.parse(which), offset, limit: rowsOnPage, signal }),
    placeholderData: keepPreviousData,
    // What an evaluation found never changes.
    staleTime: Infinity,
  });
  return (
    <Stack gap="xs" mt="md">
      <SegmentedControl
        aria-label="Which answers"
        data={only.unwrap().options}
        value={which}
        w="fit-content"
        onChange={(next) => {
          setWhich(next);
          setPage(1);
        }}
      />
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && (
        <>
          <Text size="sm" c="dimmed">
            {data.total} rows
          </Text>
          <TitledTable
            label="Answers"
            titles={["Row", "Asked", "Expected", "Answered", "Right", "Scores"]}
            minWidth={640}
          >
            {data.items.map((row) => (
              <Answer key={row.row} row={row} />
            ))}
          </TitledTable>
          <Pages
            total={Math.ceil(data.total / rowsOnPage)}
            value={page}
            onChange={setPage}
            name="the answers"
          />
        </>
      )}
    </Stack>
  );
}

function Answer({ row }: { row: EvaluationRow }) {
  return (
    <Table.Tr style={{ verticalAlign: "top" }}>
      <Table.Td>{row.row}</Table.Td>
      <Table.Td style={wrap}>{row.asked}</Table.Td>
      <Table.Td style={wrap}>{row.expected}</Table.Td>
      <Table.Td style={wrap}>
        {row.answer === "" ? (
          <Text size="sm" inherit c="dimmed">
            (says nothing)
          </Text>
        ) : (
          (row.answer ?? (row.refused === null ? "–" : `refused: ${row.refused}`))
        )}
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {row.right === null ? "–" : row.right ? "✓ right" : "✗ wrong"}
      </Table.Td>
      <Table.Td style={wrap}>
        {Object.entries(row.scores)
          // What the column before says already.
          .filter(([name]) => name !== "accuracy" && name !== "exact_match")
          .map(([name, value]) => `${name} ${formatMetric(value)}`)
          .join("\n")}
        {Object.entries(row.failures).map(([name, why]) => (
          <Text key={name} size="sm" inherit>
            {name} failed: {why}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}

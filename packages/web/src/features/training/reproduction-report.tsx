import { Alert, List, Stack, Table, Text } from "@mantine/core";
import type { FileDifference, Likelihood, Reproduction } from "@hearth/wire/hub/reproduction";
import { formatMetric } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";

const words: Record<Likelihood, string> = {
  certain: "Certain",
  likely: "Likely",
  possible: "Possible",
  unlikely: "Unlikely",
};

/** What came of a repetition: the same bytes, or where they differ first and what that may come from. */
export function ReproductionReport({ report }: { report: Reproduction }) {
  const { identical, files, first_difference: difference, metrics, changed, causes } = report;
  return (
    <Section title="Reproduction">
      <Stack>
        <Alert color={identical ? "green" : "yellow"} role={identical ? "status" : "alert"}>
          <Text fw={600}>
            {identical
              ? "Identical: the same bytes as the version's."
              : "Not identical: other bytes came out than the version's."}
          </Text>
        </Alert>
        {difference !== null && <Difference difference={difference} />}
        {causes.length > 0 && (
          <section aria-label="Likely causes">
            <Text fw={600}>What it may come from, the likeliest first</Text>
            <List type="ordered">
              {causes.map(({ likelihood, what }) => (
                <List.Item key={what} style={{ overflowWrap: "anywhere" }}>
                  <Text span fw={600}>
                    {words[likelihood]}:
                  </Text>{" "}
                  {what}
                </List.Item>
              ))}
            </List>
          </section>
        )}
        <TitledTable
          label="Compared files"
          titles={["File", "The version's sha256", "Made again"]}
          minWidth={500}
        >
          {files.map(({ file, expected_sha256: expected, actual_sha256: actual }) => (
            <Table.Tr key={file} fw={expected === actual ? 400 : 600}>
              <Table.Td>{file}</Table.Td>
              <Table.Td ff="monospace">{expected?.slice(0, 16) ?? "missing"}</Table.Td>
              <Table.Td ff="monospace">
                {expected === actual ? "the same" : (actual?.slice(0, 16) ?? "not made")}
              </Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
        {metrics.length > 0 && (
          <TitledTable label="Compared metrics" titles={["Metric", "By step"]} minWidth={400}>
            {metrics.map(({ metric, steps, first }) => (
              <Table.Tr key={metric} fw={first === null ? 400 : 600}>
                <Table.Td>{metric}</Table.Td>
                <Table.Td>
                  {first === null
                    ? `equal at all ${steps} recorded steps`
                    : `differs first at step ${first.step}: ${formatMetric(first.expected)} → ${formatMetric(first.actual)}`}
                </Table.Td>
              </Table.Tr>
            ))}
          </TitledTable>
        )}
        {changed.length > 0 && (
          <TitledTable
            label="Otherwise now"
            titles={["Otherwise now", "When it was made", "Now"]}
            minWidth={500}
          >
            {changed.map(({ name, expected, actual }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{expected ?? "–"}</Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{actual ?? "–"}</Table.Td>
              </Table.Tr>
            ))}
          </TitledTable>
        )}
      </Stack>
    </Section>
  );
}

function Difference({ difference }: { difference: FileDifference }) {
  const { expected, actual, differing, elements, largest } = difference;
  return (
    <section aria-label="First difference">
      <Text fw={600}>First difference</Text>
      <Text style={{ overflowWrap: "anywhere" }}>
        {placeOf(difference)}: {expected ?? "nothing"} → {actual ?? "nothing"}
      </Text>
      {differing !== null && (
        <Text size="sm" c="dimmed">
          {differing} of the {elements} numbers of this tensor differ
          {largest === null ? "" : `, by at most ${Number(largest.toPrecision(3))}`}.
        </Text>
      )}
    </section>
  );
}

function placeOf({ file, kind, name, index, offset }: FileDifference): string {
  switch (kind) {
    case "missing":
      return `${file}, which only one of the two has`;
    case "bytes":
      return `${file}, byte ${offset}`;
    case "header":
      return `${file}, ${name}`;
    case "tensor":
      return `${file}, tensor ${name}${index === null ? `, byte ${offset}` : `[${index.join(", ")}]`}`;
  }
}

import { Anchor, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { formatCount, formatMetric } from "../../../components/format.ts";
import { hub } from "../../../hub/hub.ts";
import { fieldOf, quoted, splitColumn } from "./columns.ts";
import type { RunSet } from "./run-queries.ts";

export interface RunGroupsProps {
  set: RunSet;
  /** `params.lr` */
  by: string;
  metric: string | undefined;
  /** Shows the runs of a group, by one more condition. */
  onOpen: (condition: string) => void;
}

/** Runs put together by a parameter or a tag. */
export function RunGroups({ set, by, metric, onOpen }: RunGroupsProps) {
  const [kind, key] = splitColumn(by);
  const { experiment_ids, filter, stage } = set;
  const request = {
    experiment_ids,
    filter,
    stage,
    by: { kind: kind === "tags" ? ("tag" as const) : ("param" as const), key },
    metric,
  };
  const { data, error } = useQuery({
    queryKey: ["runs", "groups", request],
    queryFn: ({ signal }) => hub.runs.groups(request, { signal }),
    meta: { topics: ["runs"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  return (
    <Table.ScrollContainer minWidth={500}>
      <Table highlightOnHover aria-label="Groups of runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{key}</Table.Th>
            <Table.Th>Runs</Table.Th>
            {metric !== undefined &&
              ["Mean", "Smallest", "Largest"].map((what) => (
                <Table.Th key={what}>
                  {what} {metric}
                </Table.Th>
              ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data?.items.map((group) => {
            const value = group.value === null ? undefined : quoted(group.value);
            return (
              <Table.Tr key={JSON.stringify(group.value)}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {value === undefined ? (
                    (group.value ?? "(none)")
                  ) : (
                    <Anchor component="button" size="sm" onClick={() => onOpen(`${fieldOf(by)} = ${value}`)}>
                      {group.value === "" ? "(empty)" : group.value}
                    </Anchor>
                  )}
                </Table.Td>
                <Table.Td>{formatCount(group.runs)}</Table.Td>
                {metric !== undefined &&
                  [group.mean, group.min, group.max].map((figure, index) => (
                    <Table.Td key={index}>{figure === null ? "" : formatMetric(figure)}</Table.Td>
                  ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {data?.more === true && <p>There are more groups than these, the largest ones.</p>}
    </Table.ScrollContainer>
  );
}

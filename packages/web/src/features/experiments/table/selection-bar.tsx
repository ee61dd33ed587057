import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TableRun } from "@hearth/wire/hub/runs-table";
import { hub } from "../../../hub/hub.ts";

export interface SelectionBarProps {
  selected: ReadonlyMap<string, TableRun>;
  /** They are deleted ones. */
  deleted: boolean;
  onClear: () => void;
}

/** What can be done with the chosen runs. */
export function SelectionBar({ selected, deleted, onClear }: SelectionBarProps) {
  const queries = useQueryClient();
  const runs = [...selected.keys()];
  const change = useMutation({
    mutationFn: () => (deleted ? hub.runs.restoreAll(runs) : hub.runs.removeAll(runs)),
    onSuccess: async () => {
      onClear();
      notifications.show({
        message: `${runs.length} ${runs.length === 1 ? "run" : "runs"} ${deleted ? "restored" : "deleted; they can be restored"}`,
      });
      await queries.invalidateQueries({
        predicate: ({ queryKey }) => ["runs", "experiments"].includes(String(queryKey[0])),
      });
    },
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  const experiments = [...new Set([...selected.values()].map((run) => run.experiment_id))];
  return (
    <Group gap="xs" aria-live="polite" mih={36}>
      <Text size="sm">
        {runs.length === 0 ? "Choose runs to compare or delete them." : `${runs.length} chosen`}
      </Text>
      {runs.length > 1 && (
        <Button
          size="xs"
          renderRoot={(props) => <Link to="/compare-runs" search={{ runs, experiments }} {...props} />}
        >
          Compare
        </Button>
      )}
      {runs.length > 0 && (
        <>
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) =>
              experiments.length === 1 && experiments[0] !== undefined ? (
                <Link
                  to="/experiments/$experimentId/charts"
                  params={{ experimentId: experiments[0] }}
                  search={{ runs }}
                  {...props}
                />
              ) : (
                <Link to="/compare-experiments/s/charts" search={{ runs, experiments }} {...props} />
              )
            }
          >
            Charts
          </Button>
          <Button
            size="xs"
            variant="light"
            color={deleted ? "green" : "red"}
            loading={change.isPending}
            disabled={runs.length > 500}
            onClick={() => change.mutate()}
          >
            {deleted ? "Restore" : "Delete"}
          </Button>
          <Button size="xs" variant="subtle" onClick={onClear}>
            Choose none
          </Button>
        </>
      )}
    </Group>
  );
}

import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { useState } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";

/** Checks the hub's copy again, and deletes it when nothing uses it. */
export function DatasetActions({ dataset }: { dataset: Dataset }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState(false);
  const verify = useMutation({
    mutationFn: () => hub.datasets.verify(dataset.id),
    onSettled: () => setTold(true),
  });
  const remove = useMutation({
    mutationFn: () => hub.datasets.remove(dataset.id),
    onSuccess: async () => {
      location.assign("#/datasets");
      await queries.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
  return (
    <>
      <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
        Verify
      </Button>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Dialog opened={told} onClose={() => setTold(false)} title="The hub's copy">
        {verify.error !== null && <ErrorNotice error={verify.error} />}
        {verify.data?.ok === true && (
          <Alert color="green" role="status" title="Every byte is as it was registered" />
        )}
        {verify.data?.ok === false && (
          <Alert color="red" title="It is not what was registered">
            <List>
              {verify.data.problems.map((problem) => (
                <List.Item key={problem} style={{ overflowWrap: "anywhere" }}>
                  {problem}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Dialog>
      <Dialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${dataset.name}:${dataset.version}?`}
      >
        <Stack>
          <Text>The hub's copy of its files is deleted too.</Text>
          {remove.error !== null && <ErrorNotice error={remove.error} />}
          <Group justify="flex-end">
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete the dataset
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}

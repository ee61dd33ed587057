import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";

export interface DeleteButtonProps {
  /** The kind of thing, as in "Delete the model". */
  kind: string;
  name: string;
  /** What goes with it. */
  warning: string;
  remove: () => Promise<void>;
  /** Where its like are listed: the page goes there, and what is known under the key is asked for again. */
  list: { address: string; key: string };
}

/** Deletes a thing after asking; a refusal is told in the hub's words. */
export function DeleteButton({ kind, name, warning, remove, list }: DeleteButtonProps) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      location.assign(list.address);
      // Asked at once, it would be the page of the thing that is gone that asks; the list asks when it is shown.
      await queries.invalidateQueries({ queryKey: [list.key], refetchType: "none" });
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={`Delete ${name}?`}>
        <Stack>
          <Text>{warning}</Text>
          {removal.error !== null && <ErrorNotice error={removal.error} />}
          <Group justify="flex-end">
            <Button color="red" loading={removal.isPending} onClick={() => removal.mutate()}>
              Delete the {kind}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}

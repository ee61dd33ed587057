import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";

/** Deletes a model after asking; a refusal is told in the hub's words. */
export function DeleteModel({ name }: { name: string }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => hub.models.remove(name),
    onSuccess: async () => {
      location.assign("#/models");
      await queries.invalidateQueries({ queryKey: ["models"] });
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={`Delete ${name}?`}>
        <Stack>
          <Text>Its versions and their files are deleted too.</Text>
          {remove.error !== null && <ErrorNotice error={remove.error} />}
          <Group justify="flex-end">
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete the model
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";
import { modelAddress } from "../../routing/addresses.ts";

/** Registers weights by their path, or makes an empty model that versions are trained for. */
export function AddModel({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [path, setPath] = useState("");
  const [base, setBase] = useState("");
  const add = useMutation({
    mutationFn: () =>
      hub.models.create({
        name,
        ...(path === "" ? {} : { path }),
        ...(base === "" ? {} : { base_model: base }),
      }),
    onSuccess: async (model) => {
      await queries.invalidateQueries();
      location.assign(modelAddress(model.name));
    },
  });
  return (
    <Dialog opened onClose={onClose} title="Add a model">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Stack>
          <TextInput label="Name" required value={name} onChange={(event) => setName(event.target.value)} />
          <TextInput
            label="Path"
            description="A GGUF file, or a folder for MLX, on the hub's machine; empty: no version yet"
            value={path}
            onChange={(event) => setPath(event.target.value)}
          />
          <TextInput
            label="Base model"
            description="What its adapters are trained on, as name, name:3 or name@alias"
            value={base}
            onChange={(event) => setBase(event.target.value)}
          />
          {add.error !== null && <ErrorNotice error={add.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
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
    <FormDialog title="Add a model" submit="Add" mutation={add} onClose={onClose}>
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
    </FormDialog>
  );
}

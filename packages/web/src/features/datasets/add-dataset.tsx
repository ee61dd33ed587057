import { FileInput, Paper, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";
import { DatasetOptionFields } from "./dataset-option-fields.tsx";
import { emptyForm, optionsOfForm, type DatasetForm } from "./dataset-form.ts";

/** Registers data by its path on the hub's machine, or sends files from this one. */
export function AddDataset({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [path, setPath] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const [form, setForm] = useState<DatasetForm>(emptyForm);
  const add = useMutation({
    mutationFn: () => {
      const options = optionsOfForm(form);
      return files.length === 0
        ? hub.datasets.create({ name, path, ...options })
        : hub.datasets.upload(
            name,
            files.map((file) => ({ name: file.name, content: file })),
            options,
          );
    },
    onSuccess: async (dataset) => {
      await queries.invalidateQueries();
      location.assign(`#/datasets/${dataset.name}:${dataset.version}`);
    },
  });
  return (
    <FormDialog
      title="Add a dataset"
      submit="Add"
      mutation={add}
      onClose={onClose}
      disabled={files.length === 0 && path === ""}
      outcome={files.length === 0 && path === "" && <Text size="sm">Choose files or give a path.</Text>}
    >
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.target.value)} />
      <Paper
        withBorder
        p="md"
        data-drop="files"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          setFiles([...event.dataTransfer.files]);
        }}
      >
        <FileInput
          label="Files"
          description="One JSONL, CSV or Parquet file, or train.jsonl with validation.jsonl and test.jsonl"
          placeholder="Drop files here, or choose them"
          multiple
          clearable
          clearButtonProps={{ "aria-label": "Remove the files" }}
          value={files}
          onChange={setFiles}
        />
      </Paper>
      <TextInput
        label="Or a path on the hub's machine"
        value={path}
        disabled={files.length > 0}
        onChange={(event) => setPath(event.target.value)}
      />
      <DatasetOptionFields form={form} onChange={setForm} />
    </FormDialog>
  );
}

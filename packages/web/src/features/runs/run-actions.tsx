import { Button, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";

/** Rename and delete; of a deleted run, restore. */
export function RunActions({ run }: { run: RunDetails }) {
  const [asking, setAsking] = useState<"name" | "deletion" | "restoring" | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      {run.lifecycle_stage === "active" ? (
        <>
          <Button variant="default" onClick={() => setAsking("name")}>
            Rename
          </Button>
          <Button variant="default" onClick={() => setAsking("deletion")}>
            Delete
          </Button>
        </>
      ) : (
        <Button onClick={() => setAsking("restoring")}>Restore</Button>
      )}
      {asking === "name" && <RenameDialog run={run} onClose={close} />}
      {asking === "deletion" && <DeleteDialog run={run} onClose={close} />}
      {asking === "restoring" && <RestoreDialog run={run} onClose={close} />}
    </>
  );
}

interface DialogProps {
  run: RunDetails;
  onClose: () => void;
}

function RenameDialog({ run, onClose }: DialogProps) {
  const [name, setName] = useState(run.name);
  const rename = useRunChange(run.id, () => hub.runs.change(run.id, { name }), onClose);
  return (
    <FormDialog
      title="Rename the run"
      submit="Rename"
      mutation={rename}
      disabled={name.trim() === ""}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        required
        maxLength={1000}
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function DeleteDialog({ run, onClose }: DialogProps) {
  const remove = useRunChange(run.id, () => hub.runs.removeAll([run.id]), onClose);
  return (
    <FormDialog title={`Delete ${run.name}?`} submit="Delete the run" mutation={remove} onClose={onClose}>
      <Text>
        It is not listed any more and takes nothing more in. What it has stays, and it can be restored.
      </Text>
      {run.status === "RUNNING" && (
        <Text>It is still running: its program is not stopped, but what it logs from now on is refused.</Text>
      )}
    </FormDialog>
  );
}

function RestoreDialog({ run, onClose }: DialogProps) {
  const restore = useRunChange(run.id, () => hub.runs.restoreAll([run.id]), onClose);
  return (
    <FormDialog title={`Restore ${run.name}?`} submit="Restore the run" mutation={restore} onClose={onClose}>
      <Text>It is listed in its experiment again and can be changed.</Text>
    </FormDialog>
  );
}

/** Changes a run, asks for it again, and closes what asked. */
export function useRunChange(runId: string, change: () => Promise<unknown>, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["runs", runId] });
      onDone();
    },
  });
}

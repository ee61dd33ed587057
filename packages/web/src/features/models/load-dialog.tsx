import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";
import { VersionMemory } from "./memory-plan.tsx";

export interface LoadDialogProps {
  model: string;
  version: number;
  /** Loads only, or keeps it loaded too. */
  what: "load" | "pin";
  onClose: () => void;
}

/** Tells what a load will take and what it costs others, before it is done. */
export function LoadDialog({ model, version, what, onClose }: LoadDialogProps) {
  const queries = useQueryClient();
  const reference = `${model}:${version}`;
  const load = useMutation({
    mutationFn: () => hub.models[what](reference),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <FormDialog
      title={what === "load" ? `Load ${reference}?` : `Load ${reference} and keep it?`}
      size="lg"
      submit={what === "load" ? "Load it" : "Load and pin it"}
      mutation={load}
      onClose={onClose}
      actions={
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
      }
    >
      <VersionMemory model={model} version={version} />
    </FormDialog>
  );
}

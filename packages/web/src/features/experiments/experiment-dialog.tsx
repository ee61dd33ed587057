import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Experiment } from "@hearth/wire/hub/experiments";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";

export interface ExperimentDialogProps {
  /** The one to rename; undefined for a new one. */
  experiment: Experiment | undefined;
  onClose: () => void;
}

/** Asks for the name of an experiment. */
export function ExperimentDialog({ experiment, onClose }: ExperimentDialogProps) {
  const [name, setName] = useState(experiment?.name ?? "");
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      experiment === undefined ? hub.experiments.create(name) : hub.experiments.rename(experiment.id, name),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ["experiments"] });
    },
  });
  return (
    <FormDialog
      title={experiment === undefined ? "New experiment" : `Rename ${experiment.name}`}
      submit={experiment === undefined ? "Create" : "Rename"}
      mutation={save}
      disabled={name.trim() === ""}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        required
        maxLength={500}
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

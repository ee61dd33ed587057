import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Experiment } from "@hearth/wire/hub/experiments";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
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
    <Modal
      opened
      // Locking would add a style sheet that the content security policy refuses.
      lockScroll={false}
      onClose={onClose}
      title={experiment === undefined ? "New experiment" : `Rename ${experiment.name}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label="Name"
          required
          maxLength={500}
          value={name}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {save.error !== null && <ErrorNotice error={save.error} />}
        <Group mt="md" justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
            {experiment === undefined ? "Create" : "Rename"}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

import { Text, Textarea, TextInput } from "@mantine/core";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { useState } from "react";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { hub } from "../../../hub/hub.ts";
import { useRunChange } from "../run-actions.tsx";
import type { Pair } from "./pair-table.tsx";

export interface TagDialogProps {
  run: RunDetails;
  /** The tag as it was; null for a new one. */
  before: Pair | null;
  onClose: () => void;
}

/** Sets a tag of a run. */
export function TagDialog({ run, before, onClose }: TagDialogProps) {
  const [key, setKey] = useState(before?.key ?? "");
  const [value, setValue] = useState(before?.value ?? "");
  const save = useRunChange(run.id, () => hub.runs.change(run.id, { tags: { [key]: value } }), onClose);
  const taken = before === null && Object.hasOwn(run.tags, key);
  return (
    <FormDialog
      title={before === null ? "Add a tag" : `Edit the tag ${before.key}`}
      submit="Save"
      mutation={save}
      disabled={key.trim() === ""}
      onClose={onClose}
    >
      {before === null && (
        <TextInput
          label="Key"
          required
          maxLength={250}
          value={key}
          data-autofocus
          description={taken ? "The run has this tag already; saving gives it another value." : undefined}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
      )}
      <Textarea
        label="Value"
        autosize
        maxRows={12}
        maxLength={8000}
        value={value}
        {...(before === null ? {} : { "data-autofocus": true })}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

/** Takes a tag from a run, after asking. */
export function RemoveTagDialog({
  run,
  tag,
  onClose,
}: {
  run: RunDetails;
  tag: string;
  onClose: () => void;
}) {
  const remove = useRunChange(run.id, () => hub.runs.change(run.id, { tags: { [tag]: null } }), onClose);
  return (
    <FormDialog title={`Remove the tag ${tag}?`} submit="Remove the tag" mutation={remove} onClose={onClose}>
      <Text>Its value is gone then.</Text>
    </FormDialog>
  );
}

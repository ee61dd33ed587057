import { Button, Group, Text, Textarea } from "@mantine/core";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { useState } from "react";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { Markdown } from "../../../components/markdown/markdown.tsx";
import { Section } from "../../../components/section.tsx";
import { hub } from "../../../hub/hub.ts";
import { useRunChange } from "../run-actions.tsx";

const tag = "mlflow.note.content";

/** What a person has written about a run, as Markdown. */
export function Description({ run }: { run: RunDetails }) {
  const [editing, setEditing] = useState(false);
  const text = run.tags[tag] ?? "";
  const active = run.lifecycle_stage === "active";
  if (text === "" && !active) return null;
  return (
    <Section title="Description">
      {text === "" ? <Text c="dimmed">Nothing is written about it yet.</Text> : <Markdown text={text} />}
      {active && (
        <Group mt="xs">
          <Button variant="default" size="compact-sm" onClick={() => setEditing(true)}>
            {text === "" ? "Add a description" : "Edit the description"}
          </Button>
        </Group>
      )}
      {editing && <DescriptionDialog run={run} before={text} onClose={() => setEditing(false)} />}
    </Section>
  );
}

interface DescriptionDialogProps {
  run: RunDetails;
  before: string;
  onClose: () => void;
}

function DescriptionDialog({ run, before, onClose }: DescriptionDialogProps) {
  const [text, setText] = useState(before);
  const save = useRunChange(run.id, () => hub.runs.change(run.id, { description: text }), onClose);
  return (
    <FormDialog title="Description of the run" size="lg" submit="Save" mutation={save} onClose={onClose}>
      <Textarea
        label="Markdown"
        autosize
        minRows={6}
        maxRows={20}
        maxLength={8000}
        value={text}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

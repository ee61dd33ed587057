import { ActionIcon, Button, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { taskType, type Model } from "@hearth/wire/hub/models";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";

interface EditedTag {
  /** Of the row, whatever its key is by now. */
  row: number;
  key: string;
  value: string;
}

/** Changes what people say of a model: its description, task and tags. */
export function EditModel({ model, onClose }: { model: Model; onClose: () => void }) {
  const queries = useQueryClient();
  const [description, setDescription] = useState(model.description);
  const [task, setTask] = useState(model.task_type);
  const [tags, setTags] = useState<EditedTag[]>(() =>
    Object.entries(model.tags).map(([key, value], row) => ({ row, key, value })),
  );
  const keys = tags.map(({ key }) => key.trim());
  const twice = keys.find((key, index) => key !== "" && keys.indexOf(key) !== index);
  const save = useMutation({
    mutationFn: () =>
      hub.models.update(model.id, {
        description,
        task_type: task,
        tags: Object.fromEntries(
          tags.map(({ key, value }) => [key.trim(), value]).filter(([key]) => key !== ""),
        ),
      }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries(),
  });
  const change = (row: number, part: Partial<EditedTag>) =>
    setTags((known) => known.map((tag) => (tag.row === row ? { ...tag, ...part } : tag)));
  return (
    <FormDialog
      title={`Edit ${model.name}`}
      size="lg"
      submit="Save"
      mutation={save}
      disabled={twice !== undefined}
      onClose={onClose}
    >
      <Textarea
        label="Description"
        autosize
        minRows={3}
        maxRows={14}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Task"
        allowDeselect={false}
        data={taskType.options}
        value={task}
        onChange={(value) => setTask(taskType.parse(value))}
      />
      <Stack gap="xs" role="group" aria-label="Tags">
        <Text size="sm" fw={500}>
          Tags
        </Text>
        {tags.map(({ row, key, value }, index) => (
          <Group key={row} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={`Name of tag ${index + 1}`}
              placeholder="name"
              flex={1}
              value={key}
              error={key.trim() !== "" && key.trim() === twice ? "This name is there twice." : undefined}
              onChange={(event) => change(row, { key: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`Value of tag ${index + 1}`}
              placeholder="value"
              flex={2}
              value={value}
              onChange={(event) => change(row, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove tag ${index + 1}`}
              onClick={() => setTags((known) => known.filter((tag) => tag.row !== row))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() =>
              setTags((known) => [
                ...known,
                { row: Math.max(-1, ...known.map((tag) => tag.row)) + 1, key: "", value: "" },
              ])
            }
          >
            Add a tag
          </Button>
        </Group>
      </Stack>
    </FormDialog>
  );
}

import { Checkbox, Fieldset, Group, NumberInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { DatasetForm } from "./dataset-form.ts";

const columns = [
  ["prompt", "Column of prompts"],
  ["completion", "Column of completions"],
  ["text", "Column of texts"],
  ["messages", "Column of conversations"],
  ["tools", "Column of tools"],
] as const;

/** Which columns a CSV or Parquet file has, and whether its rows are divided. */
export function DatasetOptionFields({
  form,
  onChange,
}: {
  form: DatasetForm;
  onChange: (form: DatasetForm) => void;
}) {
  return (
    <>
      <Fieldset legend="Columns of a table">
        <Text size="xs" c="dimmed" mb="xs">
          Only where they are not called prompt and completion, text or messages
        </Text>
        <SimpleGrid
          cols={{ base: 1, xs: 2 }}
          spacing="sm"
          verticalSpacing="xs"
          // A label may need two lines.
          style={{ alignItems: "end" }}
        >
          {columns.map(([field, label]) => (
            <TextInput
              key={field}
              label={label}
              value={form.columns[field]}
              onChange={(event) =>
                onChange({ ...form, columns: { ...form.columns, [field]: event.target.value } })
              }
            />
          ))}
        </SimpleGrid>
      </Fieldset>
      <Stack gap="xs">
        <Checkbox
          label="Divide the rows of the file into splits"
          checked={form.divided}
          onChange={(event) => onChange({ ...form, divided: event.target.checked })}
        />
        {form.divided && (
          <Group grow align="flex-end">
            <NumberInput
              label="Validation, %"
              min={0}
              max={90}
              value={form.validation}
              onChange={(value) => onChange({ ...form, validation: Number(value) })}
            />
            <NumberInput
              label="Test, %"
              min={0}
              max={90}
              value={form.test}
              onChange={(value) => onChange({ ...form, test: Number(value) })}
            />
            <NumberInput
              label="Seed"
              min={0}
              max={2 ** 31 - 1}
              allowDecimal={false}
              value={form.seed}
              onChange={(value) => onChange({ ...form, seed: Number(value) })}
            />
          </Group>
        )}
      </Stack>
    </>
  );
}

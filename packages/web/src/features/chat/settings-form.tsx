import { NumberInput, Select, SimpleGrid, Stack, TagsInput, Textarea } from "@mantine/core";
import { reasoningEffort } from "@hearth/wire/openai/chat-request";
import type { Settings } from "./conversation.ts";

const numbers = [
  { name: "temperature", label: "Temperature", min: 0, max: 2, step: 0.1 },
  { name: "topP", label: "Top p", min: 0, max: 1, step: 0.05 },
  { name: "maxTokens", label: "Most tokens", min: 1, max: 10_000_000, step: 1 },
  { name: "seed", label: "Seed", min: 0, max: 4_294_967_294, step: 1 },
] as const;

/** The system prompt and how answers are drawn; an empty field leaves it to the hub. */
export function SettingsForm({ value, change }: { value: Settings; change: (next: Settings) => void }) {
  return (
    <Stack gap="sm">
      <Textarea
        label="System prompt"
        autosize
        minRows={2}
        maxRows={8}
        value={value.system}
        onChange={(event) => change({ ...value, system: event.currentTarget.value })}
      />
      <SimpleGrid cols={2} spacing="xs">
        {numbers.map(({ name, label, min, max, step }) => (
          <NumberInput
            key={name}
            label={label}
            placeholder="default"
            min={min}
            max={max}
            step={step}
            allowDecimal={step < 1}
            value={value[name] ?? ""}
            onChange={(next) => {
              const { [name]: _, ...rest } = value;
              change(typeof next === "number" ? { ...rest, [name]: next } : rest);
            }}
          />
        ))}
      </SimpleGrid>
      <TagsInput
        label="Stop at"
        description="At most four texts that end the answer"
        maxTags={4}
        value={value.stop ?? []}
        onChange={(stop) => {
          const { stop: _, ...rest } = value;
          change(stop.length === 0 ? rest : { ...rest, stop });
        }}
      />
      <Select
        label="Reasoning effort"
        description="For models that think; others refuse it"
        placeholder="default"
        clearable
        data={reasoningEffort.options}
        value={value.reasoningEffort ?? null}
        onChange={(next) => {
          const { reasoningEffort: _, ...rest } = value;
          const effort = reasoningEffort.safeParse(next);
          change(effort.success ? { ...rest, reasoningEffort: effort.data } : rest);
        }}
      />
    </Stack>
  );
}

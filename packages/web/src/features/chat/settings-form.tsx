import { NumberInput, Select, SimpleGrid, Stack, TagsInput, Textarea } from "@mantine/core";
import { reasoningEffort } from "@hearth/wire/openai/chat-request";
import { toolAccess, type TurnSettings } from "@hearth/wire/chat/turn";

const numbers = [
  { name: "temperature", label: "Temperature", min: 0, max: 2, step: 0.1 },
  { name: "topP", label: "Top p", min: 0, max: 1, step: 0.05 },
  { name: "maxTokens", label: "Most tokens", min: 1, max: 10_000_000, step: 1 },
  { name: "seed", label: "Seed", min: 0, max: 4_294_967_294, step: 1 },
] as const;

const tools = [
  { value: "none", label: "None" },
  { value: "read", label: "Those that only look" },
  { value: "all", label: "All" },
];

/** The system prompt and how answers are drawn; an empty field leaves it to the hub. */
export function SettingsForm({
  value,
  change,
}: {
  value: TurnSettings;
  change: (next: TurnSettings) => void;
}) {
  return (
    <Stack gap="sm">
      <Textarea
        label="System prompt"
        autosize
        minRows={2}
        maxRows={8}
        value={value.system ?? ""}
        onChange={(event) => {
          const { system: _, ...rest } = value;
          const system = event.currentTarget.value;
          change(system === "" ? rest : { ...rest, system });
        }}
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
      <Select
        label="Tools into the hub"
        description="What changes something is done only after you allowed it"
        placeholder="as the model has room for them"
        clearable
        data={tools}
        value={value.tools ?? null}
        onChange={(next) => {
          const { tools: _, ...rest } = value;
          const access = toolAccess.safeParse(next);
          change(access.success ? { ...rest, tools: access.data } : rest);
        }}
      />
    </Stack>
  );
}

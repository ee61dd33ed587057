import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { hubProviderId, type ChatConfig } from "@hearth/wire/chat/config";
import { chatConfigQuery, modelNamesQuery } from "../../hub/queries.ts";
import { modelName, writeModelRef } from "./model-ref.ts";
import { mostColumns } from "./routes.ts";

/** Who can be asked: the hub's names, and the models of the other providers of the chat. */
export function useModelChoices() {
  const names = useQuery(modelNamesQuery);
  const config = useQuery(chatConfigQuery);
  const groups = [
    { group: "This hub", items: (names.data ?? []).map((name) => ({ value: name, label: name })) },
    ...(config.data?.providers ?? []).filter(({ id }) => id !== hubProviderId).map((one) => choicesOf(one)),
  ].filter(({ items }) => items.length > 0);
  return {
    groups,
    all: groups.flatMap(({ items }) => items.map(({ value }) => value)),
    loaded: names.data !== undefined && config.data !== undefined,
    error: names.error ?? config.error,
  };
}

function choicesOf({ id, name, hasApiKey, keySource, models }: ChatConfig["providers"][number]) {
  const keyless = keySource !== null && !hasApiKey;
  return {
    group: keyless ? `${name} (its key is not set)` : name,
    items: models.map((model) => ({
      value: writeModelRef({ providerId: id, modelId: model.id }),
      label: model.name ?? model.id,
    })),
  };
}

export interface ModelChoiceProps {
  groups: ReturnType<typeof useModelChoices>["groups"];
  value: readonly string[];
  change: (next: string[]) => void;
}

/** The models that answer, beside each other where there are several. */
export function ModelChoice({ groups, value, change }: ModelChoiceProps) {
  const known = new Set(groups.flatMap(({ items }) => items.map((item) => item.value)));
  const others = value.filter((one) => !known.has(one));
  const data =
    others.length === 0
      ? groups
      : [...groups, { group: "Others", items: others.map((one) => ({ value: one, label: modelName(one) })) }];
  return (
    <MultiSelect
      aria-label="Models that answer"
      placeholder={value.length === 0 ? "Choose up to four models" : ""}
      data={data}
      value={[...value]}
      maxValues={mostColumns}
      searchable
      mb="xs"
      onChange={change}
    />
  );
}

import { Button, Checkbox, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { HearthApiError } from "@hearth/sdk";
import type { Model } from "@hearth/wire/hub/models";
import { kvCacheType } from "@hearth/wire/hub/serving";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";

const numbers = [
  ["slots", "Slots", "Requests answered together"],
  ["context", "Context", "Tokens of a request and its answer"],
  ["threads", "Threads", "Processor threads"],
] as const;

/** How a model's weights are served; what is left empty is chosen from the machine. */
export function ServingForm({ model }: { model: Model }) {
  const queries = useQueryClient();
  const [form, setForm] = useState(model.serving);
  const save = useMutation({
    mutationFn: () => {
      const { keep_alive: keep } = form;
      // "300" is seconds to the hub only as a number.
      const keepAlive = typeof keep === "string" && /^-?\d+(\.\d+)?$/.test(keep) ? Number(keep) : keep;
      return hub.models.update(model.name, { serving: { ...form, keep_alive: keepAlive } });
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  const wrong = save.error instanceof HearthApiError ? save.error : null;
  const problem = (field: string) =>
    wrong?.details["field"] === `serving.${field}` ? wrong.message : undefined;
  const inPlace = Object.keys(form).some((field) => problem(field) !== undefined);
  return (
    <Section title="Serving">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <Group align="flex-start">
            {numbers.map(([field, label, description]) => (
              <NumberInput
                key={field}
                label={label}
                description={description}
                placeholder="chosen by the hub"
                value={form[field] ?? ""}
                error={problem(field)}
                hideControls
                onChange={(value) => setForm({ ...form, [field]: value === "" ? null : Number(value) })}
              />
            ))}
            <Select
              label="KV cache"
              description="Precision of what is remembered"
              placeholder="chosen by the hub"
              clearable
              data={kvCacheType.options}
              value={form.kv_cache_type}
              error={problem("kv_cache_type")}
              onChange={(value) =>
                setForm({ ...form, kv_cache_type: kvCacheType.safeParse(value).data ?? null })
              }
            />
            <TextInput
              label="Keep alive"
              description="Seconds, or 5m, 1h30m; -1: for good"
              value={form.keep_alive ?? ""}
              error={problem("keep_alive")}
              onChange={(event) =>
                setForm({ ...form, keep_alive: event.target.value === "" ? null : event.target.value })
              }
            />
          </Group>
          <Checkbox
            label="Pinned: loaded when the hub starts, and never unloaded to make room"
            checked={form.pinned}
            onChange={(event) => setForm({ ...form, pinned: event.target.checked })}
          />
          {save.error !== null && !inPlace && <ErrorNotice error={save.error} />}
          <Group>
            <Button type="submit" variant="default" loading={save.isPending}>
              Save serving
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

import {
  Autocomplete,
  Button,
  Checkbox,
  Collapse,
  Grid,
  Group,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { useDebouncedValue, useDisclosure, useMediaQuery } from "@mantine/hooks";
import { HearthApiError } from "@hearth/sdk";
import type { Model } from "@hearth/wire/hub/models";
import { linearName, type TrainerDescription } from "@hearth/wire/hub/training";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";
import { EstimateCard } from "./estimate-card.tsx";
import { dropDraft, keepDraft, readDraft } from "./job-draft.ts";
import { priorityChoices } from "./priority-select.tsx";
import { TrainerSelect } from "./trainer-select.tsx";
import { numberFields, readForm, type JobFormValues, type NumberField } from "./job-form-values.ts";

const settleMs = 300;

export interface JobFormProps {
  /** What is typed is kept for this address. */
  address: string;
  initial: JobFormValues;
  models: readonly Model[];
  datasets: readonly string[];
  bases: readonly string[];
  trainers: readonly TrainerDescription[];
}

/** The job's fields; beside them what it would need, asked of the hub as they change. */
export function JobForm({ address, initial, models, datasets, bases, trainers }: JobFormProps) {
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => readDraft(address));
  const [values, setValues] = useState(draft ?? initial);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [advanced, { toggle }] = useDisclosure(false);
  const narrow = useMediaQuery("(max-width: 30em)");
  const names = models.map(({ name }) => name);
  const [settled] = useDebouncedValue(values, settleMs);
  const read = readForm(values, names);
  const asked = readForm(settled, names);
  const request = "request" in asked ? asked.request : null;
  const { data: estimate, error } = useQuery({
    queryKey: ["estimate", request],
    enabled: request !== null,
    queryFn: ({ signal }) => hub.jobs.estimate(request ?? { dataset_id: "" }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const start = useMutation({
    mutationFn: async () => {
      if (!("request" in read)) throw new Error("The form is not complete.");
      // The hub checks again before a name is taken for a model that could not be trained.
      await hub.jobs.estimate(read.request);
      if (read.request.model_id === undefined) {
        const { base } = values;
        await hub.models.create({
          name: values.model,
          task_type: "chat",
          ...(base === null ? {} : { base_model: base }),
        });
      }
      return hub.jobs.create({ ...read.request, model_id: values.model });
    },
    onSuccess: ({ id }) => {
      dropDraft();
      return navigate({ to: "/training/jobs/$jobId", params: { jobId: id } });
    },
  });
  useEffect(() => {
    if (touched.size > 0) keepDraft(address, values);
  }, [address, touched, values]);
  const startOver = () => {
    dropDraft();
    setDraft(null);
    setValues(initial);
    setTouched(new Set());
  };
  const change = (part: Partial<JobFormValues>, field: string) => {
    setValues((before) => ({ ...before, ...part }));
    setTouched((before) => new Set([...before, field]));
  };
  const refused = start.error ?? (request === null ? null : error);
  const refusedField = fieldOf(refused);
  const problem = (field: string): string | undefined => {
    if ("problems" in read) return touched.has(field) ? read.problems[field] : undefined;
    return refusedField === field ? refused?.message : undefined;
  };
  const number = ({ name, label, whole }: NumberField) => (
    <NumberInput
      key={name}
      label={label}
      value={values.numbers[name] ?? ""}
      placeholder={defaultOf(estimate?.parameters, name)}
      allowDecimal={whole !== true}
      hideControls
      error={problem(name)}
      onChange={(value) => change({ numbers: { ...values.numbers, [name]: value } }, name)}
    />
  );
  const fields = numberFields.filter(({ only }) => only === undefined || only === values.recipe);
  return (
    <Grid component="section" gap="xl">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack>
          <SegmentedControl
            aria-label="Recipe"
            orientation={narrow === true ? "vertical" : "horizontal"}
            value={values.recipe}
            data={[
              { value: "lora", label: "Adapter (LoRA)" },
              { value: "full", label: "All weights" },
              { value: "pretrain", label: "From nothing" },
            ]}
            onChange={(recipe) => change({ recipe }, "recipe")}
          />
          <Autocomplete
            label="Model"
            description="One that exists gets a new version; a new name becomes a new model"
            data={names}
            value={values.model}
            error={problem("model_id")}
            onChange={(model) => {
              const own = models.find(({ name }) => name === model)?.base_model ?? null;
              const base =
                values.base ?? bases.find((one) => one === own || one.startsWith(`${own}:`)) ?? null;
              change({ model, base }, "model_id");
            }}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label="Dataset"
              searchable
              data={datasets}
              value={values.dataset}
              error={problem("dataset_id")}
              nothingFoundMessage="No such dataset; register it under Datasets"
              onChange={(dataset) => change({ dataset }, "dataset_id")}
            />
            {values.recipe !== "pretrain" && (
              <Select
                label="Base"
                searchable
                data={bases}
                value={values.base}
                error={problem("base_model")}
                nothingFoundMessage="No version here can be trained on"
                onChange={(base) => change({ base }, "base_model")}
              />
            )}
          </SimpleGrid>
          <SimpleGrid cols={{ base: 2, sm: 3 }}>
            {fields.filter((field) => field.advanced !== true).map(number)}
          </SimpleGrid>
          {values.recipe === "lora" && (
            <MultiSelect
              label="Targets"
              data={linearName.options}
              value={values.targets}
              error={problem("lora_targets")}
              onChange={(targets) => change({ targets }, "lora_targets")}
            />
          )}
          <Button variant="subtle" size="compact-sm" aria-expanded={advanced} onClick={toggle}>
            {advanced ? "Fewer settings" : "More settings"}
          </Button>
          <Collapse expanded={advanced}>
            <TrainerSelect
              trainers={trainers}
              value={values.trainer}
              error={problem("trainer")}
              reason={refused === null ? estimate?.trainer_reason : undefined}
              onChange={(trainer) => change({ trainer }, "trainer")}
            />
            <SimpleGrid cols={{ base: 2, sm: 3 }} mt="md">
              {fields.filter((field) => field.advanced === true).map(number)}
              <Select
                label="Computed on"
                data={["auto", "cpu", "webgpu"]}
                value={values.provider}
                allowDeselect={false}
                onChange={(provider) => change({ provider: provider ?? "auto" }, "provider")}
              />
              <Select
                label="Backward pass"
                data={[
                  { value: "none", label: "layers are kept" },
                  { value: "layers", label: "layers computed again: less memory" },
                ]}
                value={values.recompute}
                placeholder={
                  estimate?.parameters.recompute === "layers" ? "layers computed again" : "layers are kept"
                }
                clearable
                onChange={(recompute) => change({ recompute }, "recompute")}
              />
              <Select
                label="Priority in the queue"
                data={priorityChoices(values.priority)}
                value={String(values.priority)}
                allowDeselect={false}
                error={problem("priority")}
                onChange={(priority) => change({ priority: Number(priority) }, "priority")}
              />
            </SimpleGrid>
            {values.recipe !== "pretrain" && (
              <Checkbox
                mt="md"
                label="Pack short rows"
                description="Several rows in one sequence, where none sees another: less padding, the same loss"
                checked={values.packing}
                error={problem("packing")}
                onChange={({ currentTarget: { checked: packing } }) => change({ packing }, "packing")}
              />
            )}
            <Textarea
              mt="md"
              label="Sample prompts"
              description="What the model is asked while it learns, one a line; else three rows of the validation split"
              autosize
              minRows={2}
              maxRows={8}
              value={values.prompts}
              error={problem("sample_prompts")}
              onChange={({ currentTarget: { value: prompts } }) => change({ prompts }, "sample_prompts")}
            />
          </Collapse>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Stack>
          {refused === null && estimate !== undefined && request !== null && (
            <EstimateCard estimate={estimate} />
          )}
          {request === null && (
            <Text c="dimmed" size="sm">
              With a model, a dataset and a base, here stands what the job needs.
            </Text>
          )}
          {refused !== null && <ErrorNotice error={refused} />}
          <Group>
            <Button
              disabled={"problems" in read || (refused !== null && start.error === null)}
              loading={start.isPending}
              onClick={() => start.mutate()}
            >
              Start training
            </Button>
            {draft !== null && (
              <Button variant="subtle" onClick={startOver}>
                Forget what I typed before
              </Button>
            )}
          </Group>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function fieldOf(error: Error | null): string | null {
  const field = error instanceof HearthApiError ? error.details["field"] : null;
  return typeof field === "string" ? field : null;
}

/** What the hub takes where nothing is filled in. */
function defaultOf(parameters: object | undefined, name: string): string {
  let value: unknown = parameters;
  for (const part of name.split("."))
    value =
      typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(part) : undefined;
  return typeof value === "number" ? String(value) : "";
}

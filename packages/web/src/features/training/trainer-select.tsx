import { Select } from "@mantine/core";
import type { TrainerDescription } from "@hearth/wire/hub/training";
import type { JobFormValues } from "./job-form-values.ts";

export interface TrainerSelectProps {
  trainers: readonly TrainerDescription[];
  value: JobFormValues["trainer"];
  error: string | undefined;
  /** Why the hub would take the one that it takes; absent until it has answered. */
  reason: string | undefined;
  onChange: (trainer: JobFormValues["trainer"]) => void;
}

/** What computes the job; one that cannot run here is shown with what it lacks. */
export function TrainerSelect({ trainers, value, error, reason, onChange }: TrainerSelectProps) {
  const options = [
    { value: "auto", label: "auto: the best that can" },
    ...trainers.map(({ name, title, available, found }) => ({
      value: name,
      label: available ? `${name}: ${title}` : `${name}: not here (${found})`,
      disabled: !available,
    })),
  ];
  return (
    <Select
      label="Trainer"
      description={reason}
      data={options}
      value={value}
      allowDeselect={false}
      error={error}
      onChange={(chosen) => onChange(trainers.find(({ name }) => name === chosen)?.name ?? "auto")}
    />
  );
}

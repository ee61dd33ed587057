import type { DatasetOptions } from "@hearth/wire/hub/datasets";

/** The optional fields of the form, as they are typed. */
export interface DatasetForm {
  columns: Readonly<Record<"prompt" | "completion" | "text" | "messages" | "tools", string>>;
  divided: boolean;
  /** Percent; training gets the rest. */
  validation: number;
  test: number;
  seed: number;
}

export const emptyForm: DatasetForm = {
  columns: { prompt: "", completion: "", text: "", messages: "", tools: "" },
  divided: false,
  validation: 10,
  test: 10,
  seed: 0,
};

/** What is sent of the form; fields that are empty are left out. */
export function optionsOfForm({ columns, divided, validation, test, seed }: DatasetForm): DatasetOptions {
  const named = Object.entries(columns).filter(([, column]) => column.trim() !== "");
  const ratios = {
    train: (100 - validation - test) / 100,
    ...(validation > 0 ? { validation: validation / 100 } : {}),
    ...(test > 0 ? { test: test / 100 } : {}),
  };
  return {
    ...(named.length === 0 ? {} : { mapping: Object.fromEntries(named) }),
    ...(divided ? { split: { ratios, seed } } : {}),
  };
}

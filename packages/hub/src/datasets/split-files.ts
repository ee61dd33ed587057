import type { SplitName } from "@hearth/wire/hub/datasets";

const extensions = ["jsonl", "csv", "tsv", "parquet"];

/** What a split's file may be called in a folder; `valid` is what other trainers read. */
export const splitFileNames: Record<SplitName, readonly string[]> = {
  train: withExtensions("train"),
  validation: [...withExtensions("validation"), ...withExtensions("valid")],
  test: withExtensions("test"),
};

function withExtensions(name: string): string[] {
  return extensions.map((extension) => `${name}.${extension}`);
}

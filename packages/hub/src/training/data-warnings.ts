import type { Dataset, DatasetStatistics, TokenStatistics } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { TokenLengths } from "./token-lengths/token-lengths.ts";

/** Rows up to so many bytes are read while the estimate waits; of larger ones only what was counted before is told. */
const readAtOnce = 4_000_000;
/** A share of equal rows that is worth a word. */
const manyDuplicates = 0.01;

/** Looks at the rows of a planned job. */
export type DataWarnings = (
  dataset: Dataset,
  base: ModelVersion | null,
  sequenceLength: number,
  signal: AbortSignal,
) => Promise<string[]>;

/** Warnings by the statistics of a dataset; what cannot be counted is a warning as well. */
export function createDataWarnings({
  statistics,
  tokens,
}: {
  statistics: (reference: string, signal: AbortSignal) => Promise<DatasetStatistics>;
  tokens: Pick<TokenLengths, "ofVersion">;
}): DataWarnings {
  return async (dataset, base, sequenceLength, signal) => {
    const bytes = Object.values(dataset.splits).reduce((sum, split) => sum + split.bytes, 0);
    const onlyKept = bytes > readAtOnce;
    try {
      const rows = onlyKept ? null : await statistics(dataset.id, signal);
      const lengths =
        base === null || base.summary?.["format"] === "mlx"
          ? null
          : await tokens.ofVersion(dataset, base, { sequenceLength, onlyKept }, signal);
      const uncounted =
        onlyKept && lengths === null && base !== null
          ? [`The rows are not counted yet: \`hearth datasets stats ${dataset.name} --model ${base.model}\`.`]
          : [];
      return [
        ...(rows === null ? [] : warningsOfRows(rows)),
        ...(lengths === null ? [] : warningsOfTokens(lengths)),
        ...uncounted,
      ];
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      return [`The rows could not be counted: ${reason}`];
    }
  };
}

/** Duplicates and leakage, in words. */
export function warningsOfRows({ rows, duplicates, leakage }: DatasetStatistics): string[] {
  const repeated = duplicates.exact + duplicates.near;
  return [
    ...(repeated > manyDuplicates * rows
      ? [
          `${repeated} of ${rows} rows come again in their split (${duplicates.near} of them with other case, spaces or punctuation).`,
        ]
      : []),
    ...leakage
      .filter((leak) => leak.rows + leak.prompts > 0)
      .map(
        (leak) =>
          `${leak.split}: ${leak.rows} rows and ${leak.prompts} prompts are in the train split too, so what is measured there looks better than it is.`,
      ),
  ];
}

/** Rows that are cut, or teach nothing, in words. */
export function warningsOfTokens({ splits, sequence_length, problem, model }: TokenStatistics): string[] {
  return [
    ...splits
      .filter(({ truncated }) => truncated > 0)
      .map(
        ({ split, truncated, rows, lost, max }) =>
          `${split}: ${truncated} of ${rows} rows are longer than ${sequence_length} tokens of ${model} and lose ${lost} of them; the longest has ${max}.`,
      ),
    ...splits
      .filter(({ unlearnable }) => unlearnable > 0)
      .map(({ split, unlearnable }) => `${split}: in ${unlearnable} rows there is nothing to learn.`),
    ...(problem === null ? [] : [`The job will fail: ${problem}`]),
  ];
}

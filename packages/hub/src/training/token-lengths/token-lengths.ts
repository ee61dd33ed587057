import { join } from "node:path";
import {
  splitName,
  type Dataset,
  type DatasetStatisticsQuery,
  type TokenStatistics,
} from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { makeFolder } from "../../artifacts/fs/durable.ts";
import { abandonable } from "../../datasets/count-rows.ts";
import { KeptStatistics } from "../../datasets/kept-statistics.ts";
import { HearthError } from "../../errors.ts";
import { askChild } from "../../process/ask-child.ts";
import { defaultSequenceLength } from "../defaults.ts";
import type { TrainingRooms } from "../dependencies.ts";
import { countedTokens, type CountedTokens, type TokensCommand } from "./messages.ts";
import { summariseTokens } from "./summary.ts";

/** A vocabulary of 150,000 tokens with its merges, and one row at a time. */
const memoryLimitBytes = 3 * 2 ** 30;
const never = new AbortController().signal;

/** How long the rows of datasets are in tokens of models. */
export interface TokenLengths {
  /** @throws HearthError `not_found`, `invalid_request` for a model without a GGUF file, `unavailable` */
  statistics(
    dataset: string,
    query: DatasetStatisticsQuery & { model: string },
    signal: AbortSignal,
  ): Promise<TokenStatistics>;
  /** Of full weights that are known; with `onlyKept` null where nothing was counted yet. */
  ofVersion(
    dataset: Dataset,
    base: ModelVersion,
    options: { sequenceLength: number; onlyKept: boolean },
    signal: AbortSignal,
  ): Promise<TokenStatistics | null>;
}

/** Counts in a child process, once for each content and tokenizer. */
export function createTokenLengths({
  database,
  registry,
  datasets,
  logs,
}: Pick<TrainingRooms, "database" | "registry" | "datasets"> & { logs: string }): TokenLengths {
  const kept = new KeptStatistics(database, countedTokens);
  const count = (dataset: Dataset, base: ModelVersion) =>
    kept.get(dataset.checksum, countedAs(base), () => ask(dataset, base));

  const ask = async (dataset: Dataset, base: ModelVersion): Promise<CountedTokens> => {
    await makeFolder(logs);
    const files: TokensCommand["files"] = [];
    for (const split of splitName.options) {
      if (dataset.splits[split] !== undefined)
        files.push({ split, path: await datasets.filePath(dataset, split) });
    }
    const command: TokensCommand = { model: fileOf(base), files };
    return await askChild(
      {
        name: "the process that counts tokens",
        module: new URL("./child.ts", import.meta.url),
        command,
        answer: countedTokens,
        memoryLimitBytes,
        logFile: join(logs, "datasets.log"),
        onDeath: (how) =>
          new HearthError("unavailable", `The tokens of ${dataset.name} could not be counted: ${how}.`),
      },
      never,
    );
  };

  const ofVersion: TokenLengths["ofVersion"] = async (
    dataset,
    base,
    { sequenceLength, onlyKept },
    signal,
  ) => {
    const counted = onlyKept
      ? await kept.find(dataset.checksum, countedAs(base))
      : await abandonable(count(dataset, base), signal);
    if (counted === null) return null;
    const model = `${base.model}:${base.version}`;
    return summariseTokens(counted, { model, format: dataset.format, sequenceLength });
  };

  return {
    ofVersion,
    statistics: async (reference, { model, sequence_length }, signal) => {
      const [dataset, version] = await Promise.all([datasets.get(reference), registry.resolve(model)]);
      const base =
        version.base_version_id === null ? version : await registry.getVersion(version.base_version_id);
      const context = base.summary?.["context"];
      const sequenceLength =
        sequence_length ?? defaultSequenceLength(typeof context === "number" ? context : undefined);
      const statistics = await ofVersion(dataset, base, { sequenceLength, onlyKept: false }, signal);
      if (statistics === null) throw new HearthError("internal", "tokens were asked for and not counted");
      return statistics;
    },
  };
}

/** The tokenizer is part of the weights' file. */
function countedAs(base: ModelVersion): string {
  return `tokens 1 ${base.sha256 ?? base.id}`;
}

function fileOf(base: ModelVersion): string {
  if (base.artifact_path !== null && base.summary?.["format"] !== "mlx") return base.artifact_path;
  throw new HearthError(
    "invalid_request",
    `${base.model}:${base.version} has no GGUF file whose tokenizer could count tokens; name a model that has one.`,
    { details: { field: "model", value: `${base.model}:${base.version}` } },
  );
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { builtInScorer, evaluationRequest, type BuiltInScorer } from "@hearth/wire/hub/evaluation";
import { splitName } from "@hearth/wire/hub/datasets";
import { InvalidArgumentError, Option, type Command } from "commander";
import { z } from "zod";
import { createContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { runEvaluation } from "../evaluate.ts";
import { integer } from "../numbers.ts";
import { printEvaluation } from "../show-evaluation.ts";
import { registerEvalCompare } from "./eval-compare.ts";
import { registerEvalRows } from "./eval-rows.ts";

interface EvalOptions {
  dataset?: string;
  split: "train" | "validation" | "test";
  limit?: number;
  concurrency?: number;
  scorers?: BuiltInScorer[];
  scorer: string[];
  jsonSchema?: string;
  seed?: number;
}

const scorersHelp = `
Scorers:
  exact_match  the answer is the expected one, but for blanks around it; accuracy: but for case, too
  labels       precision, recall and F1 of each label, macro F1, confusion; where the dataset has labels
  loss         mean negative log-likelihood of the expected answers' tokens in nats, and its perplexity
  json         share of answers that parse as JSON, and with --json-schema of those that follow it
  token_f1     words that answer and expected answer share, as SQuAD counts them
Without --scorers all that fit the data are used. Every metric has a 95 % bootstrap interval.
A scorer of your own is a TypeScript file that exports "name" and "score({ prompt, expected, answer, row })",
which returns a number or { value, … }; it runs on the hub's machine, in a process of its own.`;

export function registerEval(program: Command): void {
  const command = program
    .command("eval [model] [dataset]")
    .description("measure a version on a split of a dataset; the result is a run and the version's metrics")
    .option("--dataset <dataset>", "which dataset, by name; the same as the second argument")
    .addOption(new Option("--split <split>", "which rows").choices(splitName.options).default("test"))
    .option("--limit <n>", "only the first n rows", integer)
    .option("--concurrency <n>", "questions asked at once", integer)
    .option("--scorers <names>", "what to measure, with commas between", scorerNames)
    .option(
      "--scorer <file>",
      "a scorer of your own, in TypeScript; may be given several times",
      (file: string, files: string[]) => [...files, file],
      [] as string[],
    )
    .option("--json-schema <file>", "a JSON schema that answers have to follow")
    .option("--seed <n>", "of the bootstrap's resamples", integer)
    .addHelpText("after", scorersHelp)
    .action(
      async (
        model: string | undefined,
        dataset: string | undefined,
        options: EvalOptions,
        command: Command,
      ) => {
        const { client, output, signal } = await createContext(command);
        const on = dataset ?? options.dataset;
        if (model === undefined || on === undefined)
          throw new UsageError("write which model and which dataset: hearth eval name:3 --dataset mails");
        if (dataset !== undefined && options.dataset !== undefined && dataset !== options.dataset)
          throw new UsageError(`two datasets are named: ${dataset} and ${options.dataset}`);
        const request = { model, dataset: on, split: options.split, ...(await furtherFields(options)) };
        const evaluation = await runEvaluation(client, request, signal);
        printEvaluation(evaluation, output);
        output.result(evaluation);
      },
    );
  registerEvalRows(command);
  registerEvalCompare(command);
}

async function furtherFields(options: EvalOptions) {
  const { limit, concurrency, scorers, seed } = options;
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(scorers === undefined ? {} : { scorers }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.scorer.length === 0 ? {} : { scorer_files: options.scorer.map((file) => resolve(file)) }),
    ...(options.jsonSchema === undefined ? {} : { json_schema: await readSchema(options.jsonSchema) }),
  };
}

function scorerNames(text: string): BuiltInScorer[] {
  const parsed = z.array(builtInScorer).safeParse(text.split(",").map((name) => name.trim()));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`${builtInScorer.options.join(", ")} are the ones there are.`);
}

async function readSchema(file: string) {
  try {
    return evaluationRequest.shape.json_schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be read as a JSON schema: ${why}`);
  }
}

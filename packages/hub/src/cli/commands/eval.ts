import type { Evaluation } from "@hearth/wire/hub/evaluation";
import { splitName } from "@hearth/wire/hub/datasets";
import { Option, type Command } from "commander";
import { createContext } from "../context.ts";
import { integer } from "../numbers.ts";
import type { Output } from "../output.ts";
import { startStage } from "../progress.ts";

interface EvalOptions {
  split: "train" | "validation" | "test";
  limit?: number;
  concurrency?: number;
}

export function registerEval(program: Command): void {
  program
    .command("eval <model> <dataset>")
    .description("measure a version on a split of a dataset; the result is a run and the version's metrics")
    .addOption(new Option("--split <split>", "which rows").choices(splitName.options).default("test"))
    .option("--limit <n>", "only the first n rows", integer)
    .option("--concurrency <n>", "questions asked at once", integer)
    .action(async (model: string, dataset: string, options: EvalOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const stage = startStage(`evaluate ${model}`);
      try {
        const evaluation = await client.evaluations.run(
          {
            model,
            dataset,
            split: options.split,
            ...(options.limit === undefined ? {} : { limit: options.limit }),
            ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
          },
          { signal, onProgress: (done, total) => stage.update(done / total, `${done}/${total}`) },
        );
        stage.done();
        printEvaluation(evaluation, output);
        output.result(evaluation);
      } catch (error) {
        stage.failed("stopped");
        throw error;
      }
    });
}

function printEvaluation(evaluation: Evaluation, output: Output): void {
  output.line(`${evaluation.model}:${evaluation.version} on ${evaluation.rows} rows of ${evaluation.split}`);
  output.table(
    ["METRIC", "VALUE"],
    Object.entries(evaluation.metrics).map(([name, value]) => [name, String(Number(value.toPrecision(5)))]),
  );
  const expected = Object.keys(evaluation.confusion);
  const answered = [
    ...new Set(expected.flatMap((label) => Object.keys(evaluation.confusion[label] ?? {}))),
  ].sort();
  if (expected.length === 0) return;
  output.line();
  output.table(
    ["EXPECTED ↓  ANSWERED →", ...answered],
    expected.map((label) => [
      label,
      ...answered.map((answer) => String(evaluation.confusion[label]?.[answer] ?? 0)),
    ]),
  );
}

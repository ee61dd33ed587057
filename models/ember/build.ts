import { createWriteStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { runTraining } from "../../packages/hub/src/training/trainers/onnx/run-training.ts";
import type { TrainingResult } from "../../packages/hub/src/training/trainers/trainer.ts";
import { corpusDocuments } from "./corpus.ts";
import type { CorpusDocument } from "./corpus/document.ts";
import { recipeFile, type Stage } from "./recipe.ts";
import { terminalReport } from "./terminal-report.ts";

/** Writes documents as JSONL, one row a document. */
async function writeRows(path: string, documents: readonly CorpusDocument[]): Promise<void> {
  await pipeline(
    Readable.from(documents.map((document) => `${JSON.stringify(document)}\n`)),
    createWriteStream(path),
  );
}

/** The rows of a stage: those to learn from, then those for validation. */
function stageDocuments({ seed, mix, documents, validation_documents, parameters }: Stage): CorpusDocument[] {
  const wanted = documents + validation_documents;
  const rows: CorpusDocument[] = [];
  for (const document of corpusDocuments(seed, wanted * 4, mix)) {
    if (rows.length === wanted) break;
    // Only conversations have answers that the loss can be limited to.
    if (parameters.recipe === "pretrain" || "messages" in document) rows.push(document);
  }
  return rows;
}

interface Session {
  folder: string;
  threads: number;
  modelName: string;
  signal: AbortSignal;
}

async function runStage(
  name: string,
  stage: Stage,
  base: string | null,
  session: Session,
): Promise<TrainingResult> {
  const folder = join(session.folder, name);
  await mkdir(folder, { recursive: true });
  const rows = stageDocuments(stage);
  const train = join(folder, "train.jsonl");
  const validation = join(folder, "validation.jsonl");
  await writeRows(train, rows.slice(0, stage.documents));
  await writeRows(validation, rows.slice(stage.documents));
  console.log(`\n${name}: ${rows.length} documents.`);
  return await runTraining(
    {
      parameters: stage.parameters,
      base: base === null ? null : { path: base, sha256: "" },
      dataset: { format: base === null ? "text" : "chat", train, validation },
      modelName: session.modelName,
    },
    { folder, threads: session.threads, memoryLimitBytes: totalmem() * 0.75 },
    { onEvent: terminalReport(), signal: session.signal, weightType: "F16" },
  );
}

/**
 * Trains the starter model from nothing, as recipe.json says: all tokens of a mixed corpus first,
 * then the answers of conversations only.
 *
 * `--output FILE` (default: ember.gguf beside this file), `--threads N` (the result is the same for
 * any number), `--folder DIR` keeps corpus and checkpoints there, so that a stopped build goes on,
 * `--pretrained FILE` begins with the second stage, from what the first gave.
 */
async function build(): Promise<void> {
  const { values } = parseArgs({
    options: {
      output: { type: "string", default: fileURLToPath(new URL("ember.gguf", import.meta.url)) },
      recipe: { type: "string", default: fileURLToPath(new URL("recipe.json", import.meta.url)) },
      threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
      folder: { type: "string" },
      pretrained: { type: "string" },
    },
  });
  const recipe = recipeFile.parse(JSON.parse(await readFile(values.recipe, "utf8")));
  const folder = values.folder ?? (await mkdtemp(join(tmpdir(), "hearth-ember-")));
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("Stopped by Ctrl-C.")));
  const session: Session = {
    folder,
    threads: z.coerce.number().int().positive().parse(values.threads),
    modelName: recipe.name,
    signal: stop.signal,
  };

  const started = performance.now();
  const pretrained =
    values.pretrained === undefined ? await runStage("pretrain", recipe.pretrain, null, session) : null;
  const base =
    pretrained === null ? (values.pretrained ?? null) : join(folder, "pretrain", pretrained.engineFile);
  const taught = await runStage("conversations", recipe.conversations, base, session);
  await copyFile(join(folder, "conversations", taught.engineFile), `${values.output}.partial`);
  await rename(`${values.output}.partial`, values.output);
  if (values.folder === undefined) await rm(folder, { recursive: true });

  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\n${values.output} written after ${seconds} s.`);
  console.log(JSON.stringify({ seconds, pretrain: pretrained?.metrics, conversations: taught.metrics }));
}

await build();

/** Useful tokens a second of a fine-tuning with and without packing, fresh processes in alternating order. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { median, describeMachine } from "./report.ts";
import type { BenchOptions, BenchReport, BenchRow } from "./report.ts";

const example = (name: string) => fileURLToPath(new URL(`../examples/email-triage/${name}`, import.meta.url));
const program = fileURLToPath(new URL("packing-run.ts", import.meta.url));

const measured = z.object({
  tokens_per_second: z.number(),
  trained_tokens: z.number(),
  peak_memory_bytes: z.number(),
  steps: z.number(),
  validation_loss: z.number().optional(),
  cpuSeconds: z.number(),
  log: z.string(),
});
type Measured = z.infer<typeof measured>;

const figures: [string, string, (one: Measured) => number][] = [
  ["useful tokens", "tokens/s", (one) => one.tokens_per_second],
  [
    "useful tokens of a second of processor time, validations included",
    "tokens/s",
    (one) => one.trained_tokens / one.cpuSeconds,
  ],
  ["peak memory", "MB", (one) => one.peak_memory_bytes / 1e6],
  ["optimizer steps", "steps", (one) => one.steps],
  ["validation loss", "nats", (one) => one.validation_loss ?? NaN],
];

export async function benchPacking({ runs, quick = false }: BenchOptions): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), "hearth-packing-"));
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  try {
    const sets: [string, string, string | null][] = [
      ["e-mail example", example("train.jsonl"), example("validation.jsonl")],
      ["half short rows, half e-mails", await mixedRows(folder), null],
    ];
    for (const [name, train, validation] of sets) {
      const taken: Record<string, Measured[]> = { "rows alone": [], packed: [] };
      for (let run = 0; run < runs; run++) {
        const order = run % 2 === 0 ? [false, true] : [true, false];
        for (const packing of order) {
          const one = await measure({ train, validation, packing, epochs: quick ? 0.25 : 1, threads: 1 });
          taken[packing ? "packed" : "rows alone"]?.push(one);
        }
      }
      for (const [what, unit, figure] of figures) {
        const samples = Object.fromEntries(Object.entries(taken).map(([who, all]) => [who, all.map(figure)]));
        const values = Object.fromEntries(Object.entries(samples).map(([who, all]) => [who, median(all)]));
        if (Object.values(values).every(Number.isFinite))
          rows.push({ name: `${name}: ${what}`, unit, values, samples });
      }
      notes.push(...(taken["packed"]?.[0]?.log.trim().split("\n") ?? []).map((line) => `${name}: ${line}`));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { bench: "packing", machine: describeMachine(), rows, notes };
}

async function measure(spec: object): Promise<Measured> {
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(spec));
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  return measured.parse(JSON.parse(output.trimEnd().split("\n").at(-1) ?? ""));
}

/** Every other e-mail, and between them questions of a few words. */
async function mixedRows(folder: string): Promise<string> {
  const mails = (await readFile(example("train.jsonl"), "utf8")).trimEnd().split("\n");
  const rows = mails.map((mail, index) =>
    index % 2 === 0
      ? mail
      : JSON.stringify({
          messages: [
            { role: "user", content: `Is ${index} even?` },
            { role: "assistant", content: index % 4 === 1 ? "no" : "it is not" },
          ],
        }),
  );
  const path = join(folder, "mixed.jsonl");
  await writeFile(path, `${rows.join("\n")}\n`);
  return path;
}

/**
 * `npm run bench -- training|training-memory|packing|jobs|memory|serving|storage|start|tracking|page|chat|all [--json] [--runs N] [--install]
 * [--quick] [--parts a,b] [--peers hearth,postgres,mlflow|eager,compiled,mlx] [--profile FOLDER]`: measures on this machine,
 * prints a table for people on stderr and, with --json, one JSON object as the last line of stdout.
 */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { formatTable } from "../packages/hub/src/cli/output.ts";
import type { BenchOptions, BenchReport, BenchRow } from "./report.ts";

const benches: Record<string, () => Promise<(options: BenchOptions) => Promise<BenchReport>>> = {
  training: async () => (await import("./training/training.ts")).benchTraining,
  "training-memory": async () => (await import("./training-memory.ts")).benchTrainingMemory,
  packing: async () => (await import("./packing.ts")).benchPacking,
  jobs: async () => (await import("./jobs.ts")).benchJobs,
  memory: async () => (await import("./memory.ts")).benchMemory,
  serving: async () => (await import("./serving.ts")).benchServing,
  storage: async () => (await import("./storage.ts")).benchStorage,
  start: async () => (await import("./start.ts")).benchStart,
  tracking: async () => (await import("./tracking.ts")).benchTracking,
  chat: async () => (await import("./chat.ts")).benchChat,
  page: async () => (await import("./page/page.ts")).benchPage,
};

const usage = `usage: npm run bench -- ${Object.keys(benches).join("|")}|all [--json] [--runs N] [--install] [--quick] [--parts a,b] [--peers hearth,postgres,mlflow|eager,compiled,mlx] [--profile FOLDER]`;

const { values, positionals } = readArguments({
  allowPositionals: true,
  options: {
    help: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    runs: { type: "string", default: "3" },
    install: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    parts: { type: "string" },
    peers: { type: "string" },
    profile: { type: "string" },
  },
});

const wanted = positionals[0] ?? "all";
const names = wanted === "all" ? Object.keys(benches) : [wanted];
const runs = Number(values.runs);
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (!Number.isInteger(runs) || runs < 1 || names.some((name) => !(name in benches))) {
  console.error(usage);
  process.exit(2);
}

const reports: BenchReport[] = [];
for (const name of names) {
  const bench = await benches[name]?.();
  if (!bench) continue;
  const report = await bench({
    runs,
    install: values.install,
    quick: values.quick,
    parts: values.parts?.split(","),
    peers: values.peers?.split(","),
    profile: values.profile,
  });
  reports.push(report);
  print(report);
}
if (values.json) console.log(JSON.stringify(wanted === "all" ? reports : reports[0]));

/** Ends the program with the usage where the arguments are none of it. */
function readArguments<T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

function print(report: BenchReport): void {
  const { cpu, cores, memoryGb, platform } = report.machine;
  process.stderr.write(`\n${report.bench} on ${cores} cores of ${cpu}, ${memoryGb} GB, ${platform}\n`);
  process.stderr.write(formatTable(["WHAT", "MEDIANS", "UNIT", "TARGET", "HELD"], report.rows.map(cells)));
  for (const note of report.notes) process.stderr.write(`  ${note}\n`);
}

function cells(row: BenchRow): string[] {
  const values = Object.entries(row.values).map(([who, value]) => `${who} ${Number(value.toPrecision(4))}`);
  const held = row.held === undefined ? "" : row.held ? "yes" : "NO";
  return [row.name, values.join(" · "), row.unit, row.target ?? "", held];
}

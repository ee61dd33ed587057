import { describeMachine, type BenchOptions, type BenchReport, type BenchRow } from "../report.ts";
import { benchConversation } from "./conversation.ts";
import { benchRunsTable } from "./runs-table.ts";

/** Parts of the page that are measured in Chromium, by name. */
const parts: Record<string, (options: BenchOptions) => Promise<BenchRow[]>> = {
  conversation: benchConversation,
  "runs-table": benchRunsTable,
};

/** What a person waits for in the page. */
export async function benchPage(options: BenchOptions): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (options.parts === undefined || options.parts.includes(name)) rows.push(...(await measure(options)));
  }
  const notes = [
    "Chromium without a window, which draws with the CPU; the page is what `npm run build` made",
  ];
  return { bench: "page", machine: describeMachine(), rows, notes };
}

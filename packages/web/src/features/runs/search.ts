import { z } from "zod";
import { chartSearch } from "../../components/chart/chart-search.ts";

/** What the address of a run holds beside the run and its tab; it is kept when the tab changes. */
export const runSearch = z.object({
  ...chartSearch,
  /** What is looked for among parameters, metrics and tags. */
  find: z.coerce.string().max(500).optional().catch(undefined),
  /** Whether a file is shown as it is written, not as what it means. */
  source: z.boolean().optional().catch(undefined),
  /** Of the traces. */
  page: z.int().min(1).optional().catch(undefined),
});
export type RunSearch = z.infer<typeof runSearch>;

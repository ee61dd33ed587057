import { z } from "zod";

/** What a table of runs shows; it stands in the address. */
export const tableSearch = z.object({
  filter: z.string().optional().catch(undefined),
  /** `metrics.loss DESC` */
  order: z.string().optional().catch(undefined),
  /** `params.lr`: groups instead of runs */
  group: z.string().optional().catch(undefined),
  /** The metric of the groups, `loss`. */
  metric: z.string().optional().catch(undefined),
  /** In their order; without it, a choice of what the runs have. */
  columns: z.array(z.string()).optional().catch(undefined),
  deleted: z.boolean().optional().catch(undefined),
});
export type TableSearch = z.infer<typeof tableSearch>;

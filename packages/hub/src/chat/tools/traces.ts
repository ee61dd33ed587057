import { z } from "zod";
import { tool } from "./tool.ts";

export const searchTraces = tool({
  name: "search_traces",
  title: "Search traces",
  description:
    "Answers that were given and other traces, the newest first: what answered, how long it took, tokens, errors.",
  input: z.object({
    model: z.string().max(600).optional().describe("`name` or `name:3`"),
    failed: z.boolean().optional().describe("only those that failed"),
    text: z.string().max(500).optional(),
    limit: z.int().min(1).max(50).default(10),
  }),
  run: async ({ model, failed, text, limit }, { traces }) => {
    const { total, items } = await traces.search({
      page: 1,
      page_size: limit,
      sort: "started_at",
      order: "desc",
      ...(model === undefined ? {} : { model }),
      ...(text === undefined ? {} : { text }),
      ...(failed === true ? { state: "ERROR" as const } : {}),
    });
    return { total, traces: items };
  },
});

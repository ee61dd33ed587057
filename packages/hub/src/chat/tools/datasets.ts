import { z } from "zod";
import { matching } from "./matching.ts";
import { tool } from "./tool.ts";

export const listDatasets = tool({
  name: "list_datasets",
  title: "List data sets",
  description: "The hub's data sets with version, rows, splits and labels; `search` looks in their names.",
  input: z.object({ search: z.string().max(200).optional(), limit: z.int().min(1).max(100).default(20) }),
  run: async ({ search, limit }, { datasets }) => {
    const { total, items } = await matching(
      (page) => datasets.list(page),
      ({ name }) => [name],
      search,
      limit,
    );
    return {
      total,
      datasets: items.map(({ id, name, version, format, rows, splits, labels, checksum, created_at }) => ({
        id,
        name,
        version,
        format,
        rows,
        splits,
        labels,
        checksum,
        created_at,
      })),
    };
  },
});

export const describeDataset = tool({
  name: "describe_dataset",
  title: "Describe a data set",
  description: "Statistics of a data set: rows, lengths, labels, duplicates, rows that are in two splits.",
  input: z.object({ dataset: z.string().min(1).max(200) }),
  run: ({ dataset }, { datasets }, signal) => datasets.statistics(dataset, signal),
});

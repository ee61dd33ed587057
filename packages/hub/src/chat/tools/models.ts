import { z } from "zod";
import { matching } from "./matching.ts";
import { tool } from "./tool.ts";

export const listModels = tool({
  name: "list_models",
  title: "List models",
  description:
    "The hub's models with their base, aliases and latest version; `search` looks in names and descriptions.",
  input: z.strictObject({
    search: z.string().max(200).optional(),
    limit: z.int().min(1).max(100).default(20),
  }),
  run: async ({ search, limit }, { models }) => {
    const found = await matching(
      (page) => models.list(page),
      ({ name, description, base_model }) => [name, description, base_model ?? ""],
      search,
      limit,
    );
    return {
      total: found.total,
      models: found.items.map(({ name, description, task_type, base_model, aliases, tags }) => ({
        name,
        description,
        task_type,
        base_model,
        aliases,
        tags,
      })),
    };
  },
});

export const getModel = tool({
  name: "get_model",
  title: "Look at a model",
  description:
    "One model with its newest versions: status, metrics of their evaluations, the run and data they came from.",
  input: z.strictObject({ model: z.string().min(1).max(200) }),
  run: async ({ model }, { models }) => {
    const { name, description, base_model, aliases, tags } = await models.get(model);
    const versions = await models.versions(name, { page: 1, page_size: 10 });
    return {
      name,
      description,
      base_model,
      aliases,
      tags,
      versions: versions.items.map(({ version, status, kind, metrics, lineage, created_at }) => ({
        version,
        status,
        kind,
        metrics,
        lineage,
        created_at,
      })),
    };
  },
});

export const promoteModel = tool({
  name: "promote_model",
  title: "Promote a version",
  description:
    "Give a version an alias (default `champion`), if it passes the gates, such as `accuracy>=champion+0.01`. Also rolls back: promote the earlier version.",
  changes: true,
  input: z.strictObject({
    model: z.string().min(1).max(200),
    version: z.int().min(1),
    alias: z.string().max(255).default("champion"),
    require: z.array(z.string().max(200)).default([]),
  }),
  run: ({ model, version, alias, require }, { models }) => models.promote(model, { version, alias, require }),
});

export const evaluateModel = tool({
  name: "evaluate_model",
  title: "Evaluate a version",
  description: "Ask a version every row of a data set's split and count what it gets right. Takes a while.",
  changes: true,
  input: z.strictObject({
    model: z.string().min(1).max(300).describe("`name`, `name:3` or `name@alias`"),
    dataset: z.string().min(1).max(200),
    split: z.enum(["train", "validation", "test"]).default("test"),
    limit: z.int().min(1).max(1_000_000).optional(),
  }),
  run: async (input, rooms, signal) => {
    const { id, run_id, model, version, rows, metrics, examples, seconds } = await rooms.evaluate(
      { ...input, concurrency: 8 },
      signal,
    );
    return { id, run_id, model, version, rows, metrics, wrong_answers: examples.slice(0, 5), seconds };
  },
});

export const deployModel = tool({
  name: "deploy_model",
  title: "Deploy a version",
  description: "Load a version and keep it loaded, so that it answers at once under its name.",
  changes: true,
  input: z.strictObject({ model: z.string().min(1).max(300).describe("`name`, `name:3` or `name@alias`") }),
  run: ({ model }, rooms, signal) => rooms.serve(model, signal),
});

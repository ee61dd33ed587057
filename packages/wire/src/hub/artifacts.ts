import { z } from "zod";
import { instant } from "./common.ts";

/** A file or a folder among the artifacts of a run. */
export const artifact = z.object({
  /** The last part of its path. */
  name: z.string(),
  kind: z.enum(["file", "folder"]),
  /** Bytes; null of a folder. */
  size: z.int().nullable(),
  modified_at: instant,
});
export type Artifact = z.infer<typeof artifact>;

/** Query of `GET /runs/{id}/artifacts`. */
export const listArtifactsQuery = z.object({
  /** Below the run's own folder; empty for that itself. */
  path: z.string().max(4000).default(""),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(10_000).default(1_000),
});
export type ListArtifactsQuery = z.input<typeof listArtifactsQuery>;

/** What is at a path, and of a folder a part of what it has: folders first, then by name. */
export const artifactListing = z.object({
  path: z.string(),
  /** Null: nothing is there. The run's own folder is there as soon as it has anything. */
  found: artifact.nullable(),
  items: z.array(artifact),
  total: z.int().min(0),
});
export type ArtifactListing = z.infer<typeof artifactListing>;

import type { RunStatus } from "@hearth/wire/mlflow/run";
import type { Batch } from "./batch.ts";

/** A run that is to be created, in words that a process can hand to another. */
export interface RunCreation {
  /** Names the run before the server does; kept as a tag, so that a repeated creation finds the first. */
  key: string;
  experiment: string;
  name: string | null;
  /** Milliseconds since 1970. */
  startTime: number;
  tags: Record<string, string>;
  /** Adds what is known of git, the machine and the packages. */
  environment: boolean;
}

/** What an outbox still had to send when its process ended. */
export interface Unsent {
  creation: RunCreation;
  parentKey: string | null;
  parentId: string | null;
  existing: { runId: string; artifactUri: string } | null;
  /** A creation was under way: the run may exist. */
  mayExist: boolean;
  batches: Batch[];
  artifacts: TextArtifact[];
  end: RunEnd | null;
  dropped: number;
}

export interface TextArtifact {
  path: string;
  text: string;
}

export interface RunEnd {
  status: RunStatus;
  /** Milliseconds since 1970. */
  endTime: number;
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../artifacts/fs/durable.ts";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { storedProvenance, type Provenance } from "./provenance.ts";
import { trainingResult } from "./trainer-messages.ts";
import type { TrainingResult } from "./trainers/trainer.ts";

/** What a trainer delivered, and what it ran with. */
export interface Delivered {
  result: TrainingResult;
  provenance: Provenance;
}

const delivered = z.object({ result: trainingResult, provenance: storedProvenance });

const fileName = "delivered.json";

/** Keeps what the trainer delivered beside its files: a hub that dies while checking them need not train again. */
export async function keepResult(folder: string, made: Delivered): Promise<void> {
  await writeFileAtomically(join(folder, fileName), JSON.stringify(made));
}

/** What an earlier attempt delivered in this folder; null when none did. */
export async function readResult(folder: string): Promise<Delivered | null> {
  try {
    return delivered.parse(JSON.parse(await readFile(join(folder, fileName), "utf8")));
  } catch (error) {
    // A result with a loss that is no number does not survive JSON, nor is one of an earlier Hearth read: then it is trained again.
    if (fileErrorCode(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

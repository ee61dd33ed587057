import { constants } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { hashFile } from "../artifacts/fs/hash.ts";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { serialiseError } from "../errors.ts";
import { readGgufHeader } from "../model-files/gguf/read.ts";
import { validateModel, type ModelSummary } from "../model-files/gguf/validate.ts";
import { importCommand, type ImportCommand, type ImportEvent } from "./import-messages.ts";

/**
 * Entry of the process that looks into a model file for the hub: one command in, one answer out.
 * A file that makes this process die harms nothing else.
 */
process.once("message", (message) => {
  void answer(message).finally(() => process.disconnect());
});
report({ type: "ready" });

async function answer(message: unknown): Promise<void> {
  try {
    const command = importCommand.parse(message);
    report(command.type === "import" ? await importModel(command) : await describeModel(command.source));
  } catch (error) {
    const { code, message: text, details } = serialiseError(error);
    report({ type: "refused", error: { code, message: text, details } });
  }
}

async function describeModel(source: string): Promise<ImportEvent> {
  return { type: "described", summary: flatSummary(validateModel(await readGgufHeader(source))) };
}

async function importModel({
  source,
  copy,
}: Extract<ImportCommand, { type: "import" }>): Promise<ImportEvent> {
  // A wrong file is refused before gigabytes are copied; the copy decides, as the source may change meanwhile.
  validateModel(await readGgufHeader(source));
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(copy, 0o444);
  } catch (error) {
    throw translateWriteError(error, copy);
  }
  const summary = validateModel(await readGgufHeader(copy));
  return { type: "imported", sha256: await hashFile(copy), summary: flatSummary(summary) };
}

/** The template itself stays in the file; it can be a megabyte long. */
function flatSummary({ chatTemplate, ...rest }: ModelSummary): Record<string, string | number | boolean> {
  return { ...rest, chatTemplate: chatTemplate !== undefined };
}

function report(event: ImportEvent): void {
  process.send?.(event);
}

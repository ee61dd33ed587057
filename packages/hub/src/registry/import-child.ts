import { constants } from "node:fs";
import { chmod, copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "../artifacts/fs/hash.ts";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { readGgufHeader } from "../model-files/gguf/read.ts";
import { whyNotTrainable } from "../model-files/gguf/trainability.ts";
import { trainingFigures } from "../model-files/gguf/training-figures.ts";
import { validateModel } from "../model-files/gguf/validate.ts";
import { answerParent } from "../process/answer-parent.ts";
import { importFolder } from "./import-folder.ts";
import {
  importCommand,
  modelFileName,
  modelFolderName,
  type ImportCommand,
  type ImportedModel,
} from "./import-messages.ts";

/** Entry of the process that looks into a model file for the hub: one that makes it die harms nothing else. */
answerParent(async (message) => {
  const command = importCommand.parse(message);
  return command.type === "import" ? await importModel(command) : await summaryOf(command.source);
});

async function importModel({
  source,
  into,
}: Extract<ImportCommand, { type: "import" }>): Promise<ImportedModel> {
  if ((await stat(source)).isDirectory()) {
    const { sha256, checksums, summary } = await importFolder(source, join(into, modelFolderName));
    const inFolder = Object.entries(checksums).map(([name, sum]) => [`${modelFolderName}/${name}`, sum]);
    return {
      fileName: modelFolderName,
      sha256,
      checksums: Object.fromEntries(inFolder),
      summary: { ...summary },
    };
  }
  const copy = join(into, modelFileName);
  // A wrong file is refused before gigabytes are copied; the copy decides, as the source may change meanwhile.
  validateModel(await readGgufHeader(source));
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(copy, 0o444);
  } catch (error) {
    throw translateWriteError(error, copy);
  }
  const summary = await summaryOf(copy);
  const sha256 = await hashFile(copy);
  return {
    fileName: modelFileName,
    sha256,
    checksums: { [modelFileName]: sha256 },
    summary,
  };
}

/**
 * What is told of a file. The template itself stays in it; it can be a megabyte long. `untrainable`
 * says why no job can start from the model, where none can.
 */
async function summaryOf(path: string): Promise<Record<string, string | number | boolean>> {
  const header = await readGgufHeader(path);
  const { chatTemplate, ...rest } = validateModel(header);
  const untrainable = await whyNotTrainable(header);
  return {
    format: "gguf",
    ...rest,
    ...trainingFigures(header),
    chatTemplate: chatTemplate !== undefined,
    ...(untrainable === null ? {} : { untrainable }),
  };
}

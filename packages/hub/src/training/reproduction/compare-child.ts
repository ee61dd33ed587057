import { answerParent } from "../../process/answer-parent.ts";
import { compareCommand } from "./compare-messages.ts";
import { compareModelFiles } from "./compare-model-files.ts";

/** Entry of the process that looks for the first difference of two files: one that makes it die harms nothing else. */
answerParent(async (message) => {
  const { file, expected, actual } = compareCommand.parse(message);
  return await compareModelFiles(file, expected, actual);
});

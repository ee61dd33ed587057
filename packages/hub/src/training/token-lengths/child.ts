import { answerParent } from "../../process/answer-parent.ts";
import { countTokens } from "./count.ts";
import { tokensCommand } from "./messages.ts";

/** Entry of the process that makes tokens of a dataset's rows and counts them: a template may run for long. */
answerParent((message) => countTokens(tokensCommand.parse(message)));

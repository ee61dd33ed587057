import { answerParent } from "../../process/answer-parent.ts";
import { prepareCommand } from "./messages.ts";
import { prepare } from "./prepare.ts";

/** Entry of the process that reads CSV and Parquet files and divides rows for the hub. */
answerParent((message) => prepare(prepareCommand.parse(message)));

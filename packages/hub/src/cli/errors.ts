import { HearthApiError, HubUnreachable, UnexpectedAnswer } from "@hearth/sdk";
import { HearthError, type ErrorCode } from "../errors.ts";
import { EXIT } from "./exit-codes.ts";

/** The command was typed in a way that cannot work. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** The work was done, and its outcome is a no: a failed job, a refused gate, differing bytes. */
export class Unsuccessful extends Error {
  /** What `--json` prints: the outcome itself says no. */
  readonly result: unknown;

  constructor(message: string, result?: unknown) {
    super(message);
    this.name = "Unsuccessful";
    this.result = result;
  }
}

/** What was compared differs and that is the exit code, 1 as of `diff`; everything is printed already. */
export class Different extends Error {
  constructor() {
    super("they differ");
    this.name = "Different";
  }
}

interface Explanation {
  exit: number;
  /** What a person can do next; left out where the message says it. */
  fix?: string;
}

/** The one table of what an error's code means on the command line. */
const EXPLANATIONS: Record<ErrorCode, Explanation> = {
  invalid_request: { exit: EXIT.usage },
  dataset_invalid: { exit: EXIT.usage, fix: "mend the file and run the command again" },
  model_file_invalid: { exit: EXIT.usage, fix: "convert or download the file again" },
  too_large: { exit: EXIT.usage },
  path_not_allowed: {
    exit: EXIT.refused,
    fix: "move the file into an allowed folder, or add its folder to HEARTH_DATA_PATHS",
  },
  not_found: { exit: EXIT.refused, fix: "`hearth models` and `hearth datasets` list what there is" },
  conflict: { exit: EXIT.refused },
  forbidden: { exit: EXIT.refused },
  unauthorized: { exit: EXIT.refused, fix: "set HEARTH_API_KEY to the hub's key" },
  method_not_allowed: { exit: EXIT.unexpected, fix: "is it a hub of another version?" },
  platform_unsupported: { exit: EXIT.unexpected, fix: "`hearth doctor` says what works here" },
  model_load_failed: { exit: EXIT.unexpected, fix: "`hearth doctor` checks the engine" },
  resource_exhausted: { exit: EXIT.exhausted, fix: "unload or stop something, or raise HEARTH_MEMORY_LIMIT" },
  timeout: { exit: EXIT.unexpected },
  generation_failed: { exit: EXIT.unexpected },
  training_failed: { exit: EXIT.unsuccessful },
  request_timeout: { exit: EXIT.unexpected, fix: "try again; check the connection to the hub" },
  rate_limited: {
    exit: EXIT.unexpected,
    fix: "wait for earlier requests; HEARTH_MAX_WAITING_PER_CLIENT, and HEARTH_CHAT_RATE_LIMIT for the chat, say how many there may be",
  },
  unavailable: { exit: EXIT.unexpected, fix: "try again in a moment" },
  configuration_invalid: { exit: EXIT.configuration },
  cancelled: { exit: EXIT.interrupted },
  internal: { exit: EXIT.unexpected, fix: "the hub's log (`make logs`) has the whole story" },
};

export interface Failure {
  exit: number;
  code: string;
  message: string;
  fix: string | null;
  details: Record<string, unknown>;
}

/** Turns anything thrown by a command into an exit code and words. */
export function explain(error: unknown): Failure {
  if (error instanceof HearthApiError || error instanceof HearthError) {
    const known = explanationOf(error);
    return {
      exit: known.exit,
      code: error.code,
      message: error.message,
      fix: known.fix ?? null,
      details: error.details,
    };
  }
  if (error instanceof UsageError) return plain(EXIT.usage, "usage", error.message);
  if (error instanceof Unsuccessful) return plain(EXIT.unsuccessful, "unsuccessful", error.message);
  if (error instanceof HubUnreachable) return plain(EXIT.unreachable, "unreachable", error.message);
  if (error instanceof UnexpectedAnswer) return plain(EXIT.unexpected, "unexpected_answer", error.message);
  if (error instanceof Error && error.name === "AbortError")
    return plain(EXIT.interrupted, "interrupted", "interrupted");
  const message = error instanceof Error ? error.message : String(error);
  return plain(EXIT.unexpected, "unexpected", message);
}

function plain(exit: number, code: string, message: string): Failure {
  return { exit, code, message, fix: null, details: {} };
}

/** OpenAI's routes have codes of their own; their HTTP status says what kind they are. */
function explanationOf(error: HearthApiError | HearthError): Explanation {
  if (isErrorCode(error.code)) return EXPLANATIONS[error.code];
  const status = error instanceof HearthApiError ? error.status : 0;
  if (status === 404) return EXPLANATIONS.not_found;
  if (status === 400 || status === 413) return EXPLANATIONS.invalid_request;
  if (status === 401 || status === 403) return EXPLANATIONS.unauthorized;
  return { exit: EXIT.unexpected };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(EXPLANATIONS, code);
}

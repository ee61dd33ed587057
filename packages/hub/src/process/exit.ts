import { HearthError } from "../errors.ts";

/** Why a child ended. */
export type ExitReason =
  /** Its own end, status 0. */
  | "finished"
  /** Its own end, another status. */
  | "failed"
  /** A signal that nobody here sent: a crash of native code, the system's memory killer, a person. */
  | "crashed"
  /** It was asked to stop and did, in time or by force. */
  | "stopped"
  /** It held more memory than it was allowed. */
  | "memory"
  /** It did not say that it was ready in time. */
  | "not_ready"
  /** It could not be started. */
  | "not_started";

export interface ChildExit {
  reason: ExitReason;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Its last lines of output, oldest first. */
  lastLines: string[];
  /** What the reason alone does not tell: the limit, the system's error. */
  note: string | null;
}

/** Lines of the stack traces that Node and C libraries print when a process aborts. */
const stackLine = /^\s*(\d+: (0x|file:|[\w.<]+ \()|-{3,}|at )/;

/** One sentence for a person: how the child ended and its last words. */
export function describeExit(name: string, exit: ChildExit): string {
  const how: Record<ExitReason, string> = {
    finished: `${name} ended`,
    failed: `${name} ended with status ${exit.code}`,
    crashed: `${name} was ended by ${exit.signal}`,
    stopped: `${name} was stopped`,
    memory: `${name} was ended because it needed too much memory`,
    not_ready: `${name} did not become ready`,
    not_started: `${name} could not be started`,
  };
  const note = exit.note === null ? "" : ` (${exit.note})`;
  // Addresses and frames tell a person nothing; the line before them does.
  const words = exit.lastLines
    .filter((line) => !stackLine.test(line))
    .slice(-8)
    .join(" | ");
  return `${how[exit.reason]}${note}${words === "" ? "" : `; its last words: ${words}`}`;
}

/** A child process is gone, or was never there, when it was needed. */
export class ChildProcessError extends HearthError {
  readonly exit: ChildExit;

  constructor(name: string, exit: ChildExit) {
    super("unavailable", describeExit(name, exit), {
      details: { process: name, reason: exit.reason, status: exit.code, signal: exit.signal },
    });
    this.exit = exit;
  }
}

import { Command, CommanderError } from "commander";
import { version } from "../version.ts";
import { registerChat } from "./commands/chat.ts";
import { registerDatasets } from "./commands/datasets.ts";
import { registerDiff } from "./commands/diff.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEval } from "./commands/eval.ts";
import { registerJobs } from "./commands/jobs.ts";
import { registerKeys } from "./commands/keys.ts";
import { registerMcp } from "./commands/mcp.ts";
import { registerMlx } from "./commands/mlx.ts";
import { registerModels } from "./commands/models.ts";
import { registerPromote } from "./commands/promote.ts";
import { registerReproduce } from "./commands/reproduce.ts";
import { registerRollback } from "./commands/rollback.ts";
import { registerRun } from "./commands/run.ts";
import { registerServe } from "./commands/serve.ts";
import { registerStatus } from "./commands/status.ts";
import { registerStop } from "./commands/stop.ts";
import { registerTrain } from "./commands/train.ts";
import { interrupted, listenForInterruption, type GlobalOptions } from "./context.ts";
import { Different, explain, Unsuccessful } from "./errors.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { dim, red } from "./output.ts";

/** Runs one command line (without `node` and the script) and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  listenForInterruption();
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return interrupted.aborted && !isServing(args) ? EXIT.interrupted : EXIT.ok;
  } catch (error) {
    // Help and version are thrown too, with exit code 0; commander has printed what it wants to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof Different) return EXIT.unexpected;
    return report(error, program.opts<GlobalOptions>().json === true || args.includes("--json"));
  }
}

function createProgram(): Command {
  const program = new Command("hearth")
    .description(
      "A model hub on your own machine: train, version, evaluate, serve and watch language models.",
    )
    .version(version)
    .option("--json", "print one JSON document as the last line of stdout")
    .option("--url <url>", "the hub to talk to (default: the one that runs here)")
    .addHelpText("after", `\n${EXIT_HELP}`)
    // Behind a command an option is the command's: `hearth mlx install --version 0.32.2`.
    .enablePositionalOptions()
    .showHelpAfterError("(hearth --help lists the commands)")
    .exitOverride();
  const registrations = [
    registerServe,
    registerModels,
    registerDatasets,
    registerTrain,
    registerJobs,
    registerEval,
    registerPromote,
    registerRollback,
    registerReproduce,
    registerDiff,
    registerRun,
    registerChat,
    registerStatus,
    registerStop,
    registerMcp,
    registerMlx,
    registerKeys,
    registerDoctor,
  ];
  for (const register of registrations) register(program);
  for (const command of program.commands) allowGlobalOptions(command);
  return program;
}

/** `hearth models --json` and `hearth --json models` mean the same. */
function allowGlobalOptions(command: Command): void {
  command.option("--json", "print one JSON document as the last line of stdout");
  command.option("--url <url>", "the hub to talk to (default: the one that runs here)");
  command.exitOverride();
  for (const child of command.commands) allowGlobalOptions(child);
}

/** A server that was asked to stop and did has done its work. */
function isServing(args: readonly string[]): boolean {
  return args.includes("serve");
}

function report(error: unknown, json: boolean): number {
  const failure = explain(error);
  if (failure.exit !== EXIT.interrupted) process.stderr.write(`${red("error:")} ${failure.message}\n`);
  if (failure.fix !== null) process.stderr.write(`${dim(failure.fix)}\n`);
  if (json && error instanceof Unsuccessful && error.result !== undefined) {
    process.stdout.write(`${JSON.stringify(error.result)}\n`);
  } else if (json) {
    const { code, message, details } = failure;
    process.stdout.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
  }
  return failure.exit;
}

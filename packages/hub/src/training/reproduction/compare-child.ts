import { compareModelFiles } from "./compare-model-files.ts";
import { compareCommand, type CompareEvent } from "./compare-messages.ts";

/**
 * Entry of the process that looks for the first difference of two files: one command in, one answer
 * out. A file that makes this process die harms nothing else.
 */
process.once("message", (message) => {
  void answer(message).finally(() => process.disconnect());
});
report({ type: "ready" });

async function answer(message: unknown): Promise<void> {
  try {
    const { file, expected, actual } = compareCommand.parse(message);
    report({ type: "compared", difference: await compareModelFiles(file, expected, actual) });
  } catch (error) {
    report({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function report(event: CompareEvent): void {
  process.send?.(event);
}

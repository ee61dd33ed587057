import { Presets, SingleBar } from "cli-progress";
import { formatDuration } from "./output.ts";

export interface Stage {
  /** `fraction` from 0 to 1; `note` is shown behind the bar. */
  update(fraction: number, note?: string): void;
  /** A line of its own, above the bar. */
  say(line: string): void;
  done(note?: string): void;
  failed(note: string): void;
}

/** A terminal draws a moving bar; a pipe gets one line when a stage starts and one when it ends. */
export function startStage(title: string, stream: NodeJS.WriteStream = process.stderr): Stage {
  return stream.isTTY ? drawnStage(title, stream) : printedStage(title, stream);
}

const TITLE_WIDTH = 26;

function drawnStage(title: string, stream: NodeJS.WriteStream): Stage {
  const started = performance.now();
  const bar = new SingleBar(
    {
      format: `  ${title.padEnd(TITLE_WIDTH)} {bar} {percentage}%  {note}`,
      stream,
      hideCursor: true,
      barsize: 24,
      linewrap: false,
      gracefulExit: false,
      forceRedraw: true,
      fps: 8,
    },
    Presets.shades_classic,
  );
  bar.start(100, 0, { note: "" });
  const finish = (value: number, note: string) => {
    bar.update(value, { note });
    bar.stop();
  };
  let reached = 0;
  return {
    update: (fraction, note = "") => {
      reached = Math.round(100 * Math.min(1, Math.max(0, fraction)));
      bar.update(reached, { note });
    },
    // Over the bar, which is drawn again below it.
    say: (line) => void stream.write(`\r\u001B[K  ${line}\n`),
    done: (note = "") => finish(100, `${note}${note ? ", " : ""}${elapsed(started)}`),
    failed: (note) => finish(reached, note),
  };
}

function printedStage(title: string, stream: NodeJS.WriteStream): Stage {
  const started = performance.now();
  stream.write(`${title} …\n`);
  return {
    update: () => undefined,
    say: (line) => void stream.write(`  ${line}\n`),
    done: (note = "") =>
      void stream.write(`${title}: done in ${elapsed(started)}${note ? `, ${note}` : ""}\n`),
    failed: (note) => void stream.write(`${title}: ${note}\n`),
  };
}

function elapsed(started: number): string {
  return formatDuration((performance.now() - started) / 1000);
}

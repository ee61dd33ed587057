import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { procStat } from "../../../process/identity.ts";
import type { TrainerCommand, TrainerEvent, TrainerLaunch, TrainingSpecification } from "../trainer.ts";

/** A trainer's process as the hub starts it, with everything that it says. */
export class TrainerRun {
  readonly events: TrainerEvent[] = [];
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  readonly #child: ChildProcess;
  #check: () => void = () => undefined;

  constructor({ module, args = [] }: Pick<TrainerLaunch, "module" | "args">) {
    this.#child = fork(fileURLToPath(module), args, { serialization: "advanced", stdio: "inherit" });
    this.#child.on("message", (event: TrainerEvent) => {
      this.events.push(event);
      this.#check();
    });
    this.exit = once(this.#child, "exit").then(([code, signal]) => {
      this.#check();
      return { code, signal };
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  send(command: TrainerCommand): void {
    this.#child.send(command);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  disconnect(): void {
    this.#child.disconnect();
  }

  train(folder: string, specification: TrainingSpecification, memoryLimitBytes = 2 ** 32): void {
    this.send({ type: "train", specification, attempt: { folder, threads: 1, memoryLimitBytes } });
  }

  /** The first event that fulfils the condition; fails when the process ends without it. */
  async seen(condition: (event: TrainerEvent) => boolean): Promise<TrainerEvent> {
    for (;;) {
      const found = this.events.find(condition);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`The trainer ended without the event: ${JSON.stringify(this.events.at(-1))}`);
      await new Promise<void>((resolve) => (this.#check = resolve));
    }
  }

  async step(number: number): Promise<void> {
    await this.seen((event) => event.type === "progress" && event.progress.step >= number);
  }
}

/** Every process below one, as Linux tells; nothing elsewhere. */
export async function descendants(pid: number): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await procStat(Number(name)) : null;
    if (stat !== null) parents.set(Number(name), Number(stat[1]));
  }
  const found = [pid];
  for (const above of found) for (const [child, parent] of parents) if (parent === above) found.push(child);
  return found.slice(1);
}

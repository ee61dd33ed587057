import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import {
  pinnedVersion,
  readEnvironment,
  type MlxEnvironment,
} from "../../inference/engines/mlx/environment/environment.ts";
import { installMlx, tryMlx, type InstallStep } from "../../inference/engines/mlx/environment/install.ts";
import { mlxDevice, mlxDevices, type MlxDevice } from "../../inference/engines/mlx/environment/platform.ts";
import { interrupted, type GlobalOptions } from "../context.ts";
import { UsageError } from "../errors.ts";
import { createOutput, type Output } from "../output.ts";
import { startStage, type Stage } from "../progress.ts";

export function registerMlx(program: Command): void {
  const mlx = program.command("mlx").description("the MLX engine's own Python environment");

  mlx
    .command("install")
    .description("make it, or bring it to another version of mlx-lm; does nothing when it is there")
    .option("--version <version>", `of mlx-lm (default: ${pinnedVersion}, which is tested)`)
    .option("--device <device>", `${mlxDevices.join(", ")} (default: metal on a Mac, cpu on Linux)`)
    .option("--python <program>", "the Python to make it with (default: the first good one)")
    .option("--again", "make it anew, also when it is there")
    .action(async (options: InstallArguments, command: Command) => {
      const output = createOutput(command.optsWithGlobals<GlobalOptions>().json === true);
      const shown = showProgress(output);
      try {
        const { environment, made } = await installMlx(
          {
            home: loadConfig().home,
            version: options.version ?? null,
            device: deviceNamed(options.device),
            python: options.python ?? null,
            again: options.again === true,
            onProgress: shown.onProgress,
          },
          interrupted,
        );
        shown.done();
        output.line(`${made ? "installed" : "already there"}: ${inWords(environment)}`);
        output.result({ ...environment, made });
      } catch (error) {
        shown.failed();
        throw error;
      }
    });

  mlx
    .command("status", { isDefault: true })
    .description("what is installed, and whether it works")
    .action(async (_options: unknown, command: Command) => {
      const output = createOutput(command.optsWithGlobals<GlobalOptions>().json === true);
      // Throws where it cannot be installed at all, with the reason.
      const device = mlxDevice(null);
      const environment = readEnvironment(loadConfig().home);
      if (environment === null) {
        output.line("not installed; `hearth mlx install` makes it");
        output.result({ installed: false, works: false, device });
        return;
      }
      const tried = await tryMlx(environment.interpreter, interrupted);
      output.line(inWords(environment));
      if (!tried.ok) output.line("it does not work; `hearth mlx install --again` makes it anew");
      output.result({ installed: true, works: tried.ok, ...environment });
    });
}

interface InstallArguments {
  version?: string;
  device?: string;
  python?: string;
  again?: boolean;
}

function deviceNamed(name: string | undefined): MlxDevice | null {
  if (name === undefined) return null;
  const device = mlxDevices.find((each) => each === name);
  if (device === undefined)
    throw new UsageError(`--device is ${JSON.stringify(name)}; it can be ${mlxDevices.join(", ")}.`);
  return device;
}

function inWords({ version, mlx, device, python, interpreter }: MlxEnvironment): string {
  return `mlx-lm ${version} (MLX ${mlx}, ${device}, Python ${python}) with ${interpreter}`;
}

/** How far a step is when it begins: nearly all the time goes into the packages. */
const begins: Record<InstallStep, number> = { python: 0, venv: 0.02, packages: 0.1, check: 0.95 };
/** Packages that mlx-lm brings, about. */
const packages = 40;

function showProgress(output: Output) {
  let stage: Stage | null = null;
  let collected = 0;
  return {
    onProgress: (step: InstallStep, line: string | null): void => {
      stage ??= startStage("installing mlx-lm", output.progressStream);
      if (line?.startsWith("Collecting ") === true) collected += 1;
      const within = step === "packages" ? Math.min(1, collected / packages) * 0.8 : 0;
      stage.update(begins[step] + within, line?.slice(0, 60) ?? step);
    },
    done: (): void => stage?.done(),
    failed: (): void => stage?.failed("failed"),
  };
}

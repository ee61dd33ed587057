import { HearthError } from "../../../errors.ts";
import { serveTrainer } from "../trainer-process.ts";
import type { PythonProcess } from "./python-process.ts";
import { mlxTraining } from "./run-training.ts";

/* Entry of the mlx trainer's process: `child.ts INTERPRETER DEVICE`. The work is done by a Python process of its own. */
const [interpreter, device] = process.argv.slice(2);
if (interpreter === undefined || device === undefined)
  throw new HearthError(
    "internal",
    "The mlx trainer is started with the Python of its environment and its device.",
  );

let python: PythonProcess | null = null;
serveTrainer(
  mlxTraining({ interpreter, device }, (started) => (python = started)),
  async () => (await python?.computes()) ?? true,
);

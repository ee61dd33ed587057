import { serveTrainer } from "../trainer-process.ts";
import { runTraining } from "./run-training.ts";

/* Entry of the embedded trainer's process. */
serveTrainer(runTraining);

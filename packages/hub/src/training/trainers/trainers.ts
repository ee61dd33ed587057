import type {
  RecipeName,
  TrainerDescription,
  TrainerName,
  TrainingParameters,
} from "@hearth/wire/hub/training";
import { HearthError } from "../../errors.ts";
import { refuse } from "../checks/refuse.ts";
import type { BaseSummary, Trainer } from "./trainer.ts";

/** The trainer of a job, and why it is this one. */
export interface TrainerChoice {
  trainer: Trainer;
  reason: string;
}

/** What a trainer is to do. */
export interface TrainerTask {
  recipe: RecipeName;
  /** Absent for a model from nothing. */
  base: {
    reference: string;
    /** As it was asked for; default: the reference. */
    asked?: string;
    summary: BaseSummary;
  } | null;
}

/** The trainers of a hub, the preferred ones first. */
export class Trainers {
  readonly #trainers: readonly Trainer[];

  constructor(trainers: readonly Trainer[]) {
    this.#trainers = trainers;
  }

  describe(): TrainerDescription[] {
    return this.#trainers.map((trainer) => ({
      name: trainer.name,
      title: trainer.title,
      ...trainer.availability(),
      formats: [...trainer.formats],
      recipes: [...trainer.recipes],
    }));
  }

  /** Whether one of them can start from a base of this kind here, by some recipe. */
  canStartFrom(summary: BaseSummary): boolean {
    return this.#trainers.some(
      (trainer) => whyNotBase(trainer, summary) === null && trainer.availability().available,
    );
  }

  /** @throws HearthError `platform_unsupported` when this hub has none of that name or it cannot run here */
  named(name: TrainerName): Trainer {
    const trainer = this.#trainers.find((one) => one.name === name);
    const state = trainer?.availability() ?? { available: false, found: "this hub does not have it" };
    if (trainer !== undefined && state.available) return trainer;
    throw new HearthError("platform_unsupported", `The trainer '${name}' cannot run here: ${state.found}`, {
      details: { trainer: name, found: state.found },
    });
  }

  /**
   * The trainer that was asked for, or the best that can do the task here.
   * @throws HearthError `invalid_request` (details: field, value, allowed) with what stands in each one's way
   */
  choose(asked: TrainingParameters["trainer"], task: TrainerTask): TrainerChoice {
    const judged = this.#trainers.map((trainer) => ({ trainer, problem: whyNot(trainer, task) }));
    const able = judged.filter(({ problem }) => problem === null);
    const what = `the recipe '${task.recipe}'${task.base === null ? "" : ` on ${task.base.reference}`}`;
    if (asked !== "auto") {
      const own = judged.find(({ trainer }) => trainer.name === asked);
      if (own?.problem === null) return { trainer: own.trainer, reason: `'${asked}' was asked for` };
      const allowed = ["auto", ...able.map(({ trainer }) => trainer.name)].join(", ");
      refuse(
        "trainer",
        asked,
        allowed,
        `'${asked}' cannot do ${what}: ${own?.problem ?? "this hub does not have it"}`,
      );
    }
    const [best] = able;
    const others = judged
      .filter(({ problem }) => problem !== null)
      .map(({ trainer, problem }) => `${trainer.name}: ${problem ?? ""}`);
    if (best !== undefined) {
      const found = best.trainer.availability().found;
      const rest = others.length === 0 ? "" : `; not ${others.join("; not ")}`;
      const which = able.length === 1 ? "the only one that can do" : "preferred of those that can do";
      return { trainer: best.trainer, reason: `${which} ${what} here (${found})${rest}` };
    }
    const [field, value, allowed] = this.#blame(task);
    refuse(field, value, allowed, `no trainer can do ${what} here; ${others.join("; ")}`);
  }

  /** The field that is to be changed when nobody can: the recipe where somebody trains this base by another one. */
  #blame({ recipe, base }: TrainerTask): [field: string, value: string, allowed: string] {
    const readers = this.#trainers.filter((one) => base === null || whyNotBase(one, base.summary) === null);
    const recipes = readers.flatMap((trainer) => trainer.recipes);
    if (base === null || (recipes.length > 0 && !recipes.includes(recipe)))
      return ["recipe", recipe, [...new Set(recipes)].join(", ")];
    return ["base_model", base.asked ?? base.reference, "a version that `GET /training/bases` lists"];
  }
}

/** Why a trainer cannot do a task here; null when it can. */
function whyNot(trainer: Trainer, { recipe, base }: TrainerTask): string | null {
  const problem = base === null ? null : whyNotBase(trainer, base.summary);
  if (problem !== null) return problem;
  if (!trainer.recipes.includes(recipe)) return `it does only ${trainer.recipes.join(", ")}`;
  const { available, found } = trainer.availability();
  return available ? null : found;
}

function whyNotBase(trainer: Trainer, summary: BaseSummary): string | null {
  const format = summary["format"] === "mlx" ? "mlx" : "gguf";
  return trainer.formats.includes(format)
    ? trainer.problemWith(summary)
    : `it does not read bases in ${formatNames[format]} format`;
}

const formatNames = { gguf: "GGUF's", mlx: "MLX's" } as const;

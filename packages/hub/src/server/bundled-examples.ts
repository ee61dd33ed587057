import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Examples } from "../api/services.ts";
import { HearthError } from "../errors.ts";
import type { Datasets } from "../datasets/datasets.ts";

/** Data sets that come with Hearth. */
export const bundledExamplesFolder = fileURLToPath(new URL("../../../../examples/", import.meta.url));

const names: readonly string[] = ["email-triage"];

/** Registers bundled data by name; only names of the list become a path. */
export function createExamples(datasets: Pick<Datasets, "register">): Examples {
  return {
    async register(name, signal) {
      if (!names.includes(name)) {
        throw new HearthError(
          "not_found",
          `There is no example of that name. The examples are: ${names.join(", ")}.`,
          { details: { examples: [...names] } },
        );
      }
      return datasets.register({ name, path: join(bundledExamplesFolder, name) }, signal);
    },
  };
}

import type { TrainingParameters } from "@hearth/wire/hub/training";
import { HearthError } from "../../../../errors.ts";
import { providerSelfTest } from "../program.ts";

/**
 * Where a run computes. `webgpu` must pass its self-test against the CPU first. `auto` is the CPU:
 * a run has to give the same bytes again, so the choice must not hang on a timing, and no GPU has
 * been measured yet at the sizes that are trained here.
 *
 * Errors: `platform_unsupported` with the self-test's reason.
 */
export async function chooseProvider(requested: TrainingParameters["provider"]): Promise<"cpu" | "webgpu"> {
  if (requested !== "webgpu") return "cpu";
  const test = await providerSelfTest("webgpu");
  if (!test.ok) {
    throw new HearthError(
      "platform_unsupported",
      `WebGPU cannot be used for training on this machine: ${test.reason ?? "its self-test failed"}. Use provider "cpu".`,
    );
  }
  return "webgpu";
}

import { join } from "node:path";
import { makeRandomModel, presets } from "../../bench/models/random-model.ts";
import { chatmlTemplate } from "../../packages/hub/src/model-files/chat-template.ts";
import { writeTinyModel } from "../../packages/hub/src/model-files/testing/tiny-model.ts";
import type { TestHub } from "../test-hub.ts";

/** A model of random weights whose context holds prompts with tools, as `roomy`. */
export async function addRoomyModel(hub: TestHub): Promise<void> {
  const path = join(hub.home, "roomy.gguf");
  const shape = { ...presets.tiny, tied: false, context: 4096 };
  await makeRandomModel(path, { preset: shape, type: "Q8_0", seed: 4 });
  await hub.client.models.create({ name: "roomy", task_type: "chat", path });
}

const turn = "{{- '<|im_start|>assistant\\n' -}}";
const unlessTold = `{%- if enable_thinking is defined and not enable_thinking -%}
{{- '<think></think>' -}}
{%- else -%}
{{- '<think>\\n' -}}
{%- endif -%}`;

/**
 * A model whose turns begin with thoughts unless its template is told otherwise, as `thinking`. Its weights are
 * random: it never ends them by itself.
 */
export async function addThinkingModel(hub: TestHub): Promise<void> {
  const path = join(hub.home, "thinking.gguf");
  await writeTinyModel(path, { tied: false, chatTemplate: chatmlTemplate.replace(turn, turn + unlessTold) });
  await hub.client.models.create({ name: "thinking", task_type: "chat", path });
}

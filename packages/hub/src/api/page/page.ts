import { createHash } from "node:crypto";
import type { Page } from "@hearth/wire/hub/common";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { Services } from "../services.ts";
import { renderPage } from "./render.ts";
import { style } from "./style.ts";

const modelsShown = 50;
const versionsShown = 5;
const tracesShown = 12;

const styleHash = createHash("sha256").update(style).digest("base64");

const headers = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  // Nothing runs and nothing loads but this one style sheet: names and errors come from outside.
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

export interface ShownModel {
  model: Model;
  versions: Page<ModelVersion>;
}

/** The status page: plain HTML that asks for itself again every few seconds. */
export async function pageResponse(services: Services): Promise<Response> {
  const [status, models, evaluations, traces] = await Promise.all([
    services.operations.status(),
    services.models.list({ page: 1, page_size: modelsShown }),
    services.evaluations.list({ page: 1, page_size: 5 }),
    services.tracking.traces({ page: 1, page_size: tracesShown }),
  ]);
  const shown: ShownModel[] = await Promise.all(
    models.items.map(async (model) => ({
      model,
      versions: await services.models.versions(model.id, { page: 1, page_size: versionsShown }),
    })),
  );
  return new Response(
    await renderPage({
      status,
      models: shown,
      modelsTotal: models.total,
      evaluations: evaluations.items,
      traces: traces.items,
    }),
    { headers },
  );
}

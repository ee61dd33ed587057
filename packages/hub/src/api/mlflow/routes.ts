import type { Operation } from "../operation.ts";
import { artifactOperations } from "./artifacts/routes.ts";
import { evaluationDatasetOperations } from "./datasets/routes.ts";
import { experimentOperations } from "./experiments/routes.ts";
import { loggedModelOperations } from "./logged-models/routes.ts";
import { metricOperations } from "./metrics/routes.ts";
import { modelVersionOperations } from "./model-versions/routes.ts";
import { registeredModelOperations } from "./registered-models/routes.ts";
import { runOperations } from "./runs/routes.ts";
import { aboutOperations } from "./about/routes.ts";
import { scorerOperations } from "./scorers/routes.ts";
import { traceOperations } from "./traces/routes.ts";
import { webhookOperations } from "./webhooks/routes.ts";

/** MLflow's REST API, one list a domain. */
export const mlflowOperations: readonly Operation[] = [
  ...experimentOperations,
  ...runOperations,
  ...metricOperations,
  ...aboutOperations,
  ...traceOperations,
  ...artifactOperations,
  ...loggedModelOperations,
  ...registeredModelOperations,
  ...modelVersionOperations,
  ...webhookOperations,
  ...evaluationDatasetOperations,
  ...scorerOperations,
];

import { HearthError } from "../../../errors.ts";
import type { AssessmentChange } from "../../../tracking/tracing/tracing.ts";
import { required } from "../../required.ts";
import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { presentAssessment } from "./present.ts";
import {
  assessment,
  expectationOf,
  feedbackOf,
  recordOf,
  toAssessment,
  type AssessmentMessage,
} from "./requests.ts";

const versions = ["3.0"] as const;
const one = "/mlflow/traces/{trace_id}/assessments/{assessment_id}";

export const createAssessment = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces/{trace_id}/assessments",
  versions,
  name: "mlflowCreateAssessment",
  summary: "Adds feedback or an expectation to a trace",
  request: { assessment: assessment.required() },
  handle: async ({ services, params, input }) => {
    const created = await services.tracing.createAssessment(
      required(params, "trace_id"),
      toAssessment(input.assessment),
    );
    return { assessment: presentAssessment(created) };
  },
});

export const getAssessment = mlflowOperation({
  method: "GET",
  path: one,
  versions,
  name: "mlflowGetAssessment",
  summary: "One assessment of a trace",
  handle: async ({ services, params }) => {
    const found = await services.tracing.assessment(
      required(params, "trace_id"),
      required(params, "assessment_id"),
    );
    return { assessment: presentAssessment(found) };
  },
});

export const updateAssessment = mlflowOperation({
  method: "PATCH",
  path: one,
  versions,
  name: "mlflowUpdateAssessment",
  summary: "Changes the fields of an assessment that `update_mask` names",
  request: { assessment: assessment.required(), update_mask: text().required() },
  handle: async ({ services, params, input }) => {
    const updated = await services.tracing.updateAssessment(
      required(params, "trace_id"),
      required(params, "assessment_id"),
      changeOf(input.assessment, input.update_mask),
    );
    return { assessment: presentAssessment(updated) };
  },
});

export const deleteAssessment = mlflowOperation({
  method: "DELETE",
  path: one,
  versions,
  name: "mlflowDeleteAssessment",
  summary: "Removes an assessment of a trace",
  handle: async ({ services, params }) => {
    await services.tracing.deleteAssessment(required(params, "trace_id"), required(params, "assessment_id"));
    return undefined;
  },
});

/** The mask is protobuf's: `assessmentName,feedback`. */
function changeOf(given: AssessmentMessage, mask: string): AssessmentChange {
  const change: AssessmentChange = {};
  for (const path of mask.split(",")) {
    switch (path.trim().replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) {
      case "assessment_name":
        change.name = given.assessment_name ?? "";
        break;
      case "expectation":
        change.expectation = { value: expectationOf(given.expectation ?? emptyExpectation) };
        break;
      case "feedback":
        change.feedback = feedbackOf(given);
        break;
      case "rationale":
        change.rationale = given.rationale ?? "";
        break;
      case "metadata":
        change.metadata = recordOf(given.metadata) ?? {};
        break;
      default:
        throw new HearthError(
          "invalid_request",
          `Invalid value for parameter 'update_mask' supplied: '${path.slice(0, 50)}' cannot be changed; ` +
            "assessment_name, expectation, feedback, rationale and metadata can.",
        );
    }
  }
  return change;
}

const emptyExpectation: NonNullable<AssessmentMessage["expectation"]> = {
  value: undefined,
  serialized_value: undefined,
};

import { inferenceRequest, inferenceResponse } from "@hearth/wire/hub/inference";
import { answerHeaders } from "../../answer-headers.ts";
import { collect } from "../../collect.ts";
import { operation } from "../../operation.ts";
import { answerRequest } from "./request.ts";
import { inferenceSummary } from "./summary.ts";

export const createInference = operation({
  method: "POST",
  path: "/inference",
  name: "createInference",
  summary: "Continue a prompt",
  tag: "inference",
  body: inferenceRequest,
  responses: {
    200: { description: "The text with its timing, version and trace", schema: inferenceResponse },
  },
  async handle({ services, body, receivedAt, signal }) {
    const answer = await services.generation.start(answerRequest(body, "/inference", receivedAt), signal);
    const { text, done } = await collect(answer);
    return Response.json(inferenceSummary(answer, text, done), { headers: answerHeaders(answer) });
  },
});

import { embeddingList, embeddingRequest, type EmbeddingList } from "@hearth/wire/openai/embeddings";
import { answerHeaders } from "../answer-headers.ts";
import { operation } from "../operation.ts";
import { promptsOf } from "./completion-prompts.ts";
import { addressed } from "./hearth-fields.ts";
import { renamed } from "./refuse.ts";
import { base64Floats, unitVector } from "./vector.ts";

export const createEmbedding = operation({
  method: "POST",
  path: "/v1/embeddings",
  name: "createEmbedding",
  summary: "Texts as vectors (OpenAI)",
  tag: "openai",
  dialect: "openai",
  body: embeddingRequest,
  responses: { 200: { description: "One vector for each input, in their order", schema: embeddingList } },
  async handle({ services, body, receivedAt, signal }) {
    const inputs = promptsOf(body.input);
    const embedded = await services.generation
      .embed({ ...addressed(body, "/v1/embeddings", receivedAt), inputs }, signal)
      .catch((error: unknown) => {
        throw renamed(error, { prompt: "input", messages: "input" });
      });
    const { by, embeddings } = embedded;
    const tokens = embeddings.reduce((sum, one) => sum + one.tokens, 0);
    const list: EmbeddingList = {
      object: "list",
      data: embeddings.map(({ values }, index) => {
        const vector = unitVector(values, body.dimensions ?? null);
        const embedding = body.encoding_format === "base64" ? base64Floats(vector) : [...vector];
        return { object: "embedding", index, embedding };
      }),
      model: by.reference,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
    return Response.json(list, { headers: answerHeaders(embedded) });
  },
});

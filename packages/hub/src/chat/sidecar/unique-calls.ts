import { wrapLanguageModel, type LanguageModel, type LanguageModelMiddleware } from "ai";

type StreamPart =
  Awaited<ReturnType<NonNullable<LanguageModelMiddleware["wrapStream"]>>> extends {
    stream: ReadableStream<infer Part>;
  }
    ? Part
    : never;

/**
 * Gives calls of tools ids of their own in their conversation. Some servers count them anew in each answer (`call_0`),
 * and then a result, or a person's approval, would be taken for another call's.
 */
export function withUniqueCalls(
  model: Exclude<LanguageModel, string>,
  known: Iterable<string>,
): LanguageModel {
  const taken = new Set(known);
  const own = (id: string): string => {
    let name = id;
    for (let count = 2; taken.has(name); count++) name = `${id}-${count}`;
    taken.add(name);
    return name;
  };
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      wrapStream: async ({ doStream }) => {
        const { stream, ...rest } = await doStream();
        const open = new Map<string, string>();
        const renamed = new TransformStream<StreamPart, StreamPart>({
          transform(part, controller) {
            if (part.type === "tool-input-start") {
              const id = own(part.id);
              open.set(part.id, id);
              controller.enqueue({ ...part, id });
            } else if (part.type === "tool-input-delta" || part.type === "tool-input-end") {
              controller.enqueue({ ...part, id: open.get(part.id) ?? part.id });
            } else if (part.type === "tool-call") {
              const toolCallId = open.get(part.toolCallId) ?? own(part.toolCallId);
              open.delete(part.toolCallId);
              controller.enqueue({ ...part, toolCallId });
            } else controller.enqueue(part);
          },
        });
        return { ...rest, stream: stream.pipeThrough(renamed) };
      },
    },
  });
}

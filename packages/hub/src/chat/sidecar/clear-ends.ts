import type { TextStreamPart, ToolSet } from "ai";
import type { SidecarSettings } from "./messages.ts";

/** An answer that its provider did not bring to its end. */
export class ProviderBrokeOff extends Error {
  override readonly name = "ProviderBrokeOff";
}

/**
 * Says in words what the AI SDK leaves out: that a provider's connection broke (there, the stream breaks, too), that it
 * fell silent (there, the turn was aborted), or that its stream ended with no word about why (there, some such answers
 * are whole). `gone` tells that the client itself stopped.
 */
export async function* clearEnds(
  parts: AsyncIterable<TextStreamPart<ToolSet>>,
  gone: AbortSignal,
  limits: SidecarSettings["limits"],
): AsyncGenerator<TextStreamPart<ToolSet>, void, void> {
  let told = false;
  try {
    for await (const part of parts) {
      told ||= part.type === "error";
      if (part.type === "finish-step" && !told && endsWithoutReason(part)) {
        told = true;
        yield brokeOff(
          "The provider ended its answer without saying that it is complete. What has come is kept; try again.",
        );
      }
      if (part.type === "abort" && !gone.aborted) yield brokeOff(silence(part.reason, limits));
      else yield part;
    }
  } catch (error) {
    if (!gone.aborted) yield { type: "error", error };
  }
}

function brokeOff(words: string): TextStreamPart<ToolSet> {
  return { type: "error", error: new ProviderBrokeOff(words) };
}

function silence(reason: string | undefined, { firstChunkMs, stalledMs }: SidecarSettings["limits"]): string {
  return reason?.startsWith("First chunk") === true
    ? `The provider did not begin to answer within ${firstChunkMs / 1000} s. Try again.`
    : `The provider fell silent in the middle of its answer: nothing came for ${stalledMs / 1000} s. What has come is kept; try again.`;
}

/** `error` and `other` are the AI SDK's own words where the provider gave none. */
function endsWithoutReason({
  finishReason,
  rawFinishReason,
}: Extract<TextStreamPart<ToolSet>, { type: "finish-step" }>): boolean {
  return rawFinishReason === undefined && (finishReason === "error" || finishReason === "other");
}

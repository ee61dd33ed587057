import type { ChatSessionWithMessages } from "@hearth/wire/chat/session";
import { untitled } from "@hearth/wire/chat/session";
import { z } from "zod";
import { HearthError } from "../../errors.ts";
import { storableText } from "../../storage/storable-text.ts";
import { firstTitle, saidIn } from "../sessions/said.ts";
import { readText } from "./address.ts";
import type { Sidecars } from "./sidecars.ts";

const titled = z.object({ title: z.string() });

const mostWords = 7;

/** What the conversation's own model calls it; the first words of its first prompt where that comes to nothing. */
export async function findTitle(
  session: ChatSessionWithMessages,
  sidecars: Sidecars,
  signal: AbortSignal,
): Promise<string> {
  const prompt = session.messages.find(({ role }) => role === "user");
  const text = prompt === undefined ? "" : saidIn(prompt);
  if (text.trim() === "")
    throw new HearthError("invalid_request", "The conversation has no prompt yet that it could be named by.");
  const asked = {
    text,
    ...(session.provider_id === null ? {} : { providerId: session.provider_id }),
    ...(session.model_id === null ? {} : { modelId: session.model_id }),
  };
  const fallback = firstTitle(text.trim().split(/\s+/).slice(0, mostWords).join(" ")) || untitled;
  try {
    using lease = await sidecars.lease(signal);
    const answer = await lease.connections.send(
      "POST",
      "/api/chat/generate-title",
      JSON.stringify(asked),
      signal,
    );
    const body = await readText(answer);
    if (answer.statusCode !== 200) return fallback;
    return storableText(titled.parse(JSON.parse(body)).title) || fallback;
  } catch (error) {
    signal.throwIfAborted();
    // A name is worth no error: no sidecar, or one that ended meanwhile, is told by the next turn.
    if (error instanceof HearthError || (error instanceof Error && "code" in error)) return fallback;
    throw error;
  }
}

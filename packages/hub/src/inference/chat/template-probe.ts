import { renderChat } from "../../model-files/chat-template.ts";
import { ModelFileInvalid } from "../../model-files/invalid.ts";

const probe = "a text to look for";
const known = new Map<string, boolean>();
const knownLimit = 16;

/**
 * Does a template write a system message out, and not refuse it or leave it out? Tried once, with a conversation
 * of one system and one user message.
 */
export function acceptsSystem(template: string): boolean {
  const before = known.get(template);
  if (before !== undefined) return before;
  const accepted = tryOut(template);
  const oldest = known.keys().next();
  if (known.size >= knownLimit && oldest.done !== true) known.delete(oldest.value);
  known.set(template, accepted);
  return accepted;
}

function tryOut(template: string): boolean {
  try {
    const segments = renderChat(template, {
      messages: [
        { role: "system", content: probe },
        { role: "user", content: "Hi" },
      ],
      specialTokens: [],
      addGenerationPrompt: true,
    });
    return segments.some((segment) => "text" in segment && segment.text.includes(probe));
  } catch (error) {
    if (error instanceof ModelFileInvalid) return false;
    throw error;
  }
}

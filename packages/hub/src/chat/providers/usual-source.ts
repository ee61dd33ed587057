import type { ChatProvider } from "@hearth/wire/chat/config";
import type { SidecarProvider } from "../sidecar/messages.ts";

/** The wire that a provider speaks: the named one, or by its id. */
export function kindOf({ id, type }: Pick<ChatProvider, "id" | "type">): SidecarProvider["type"] {
  return type ?? (id === "openai" || id === "anthropic" ? id : "openai-compatible");
}

/** Where a provider's key is looked for when its file does not say: two have no use without one. */
export function usualSource(provider: Pick<ChatProvider, "id" | "type">): string | null {
  switch (kindOf(provider)) {
    case "openai":
      return "${OPENAI_API_KEY}";
    case "anthropic":
      return "${ANTHROPIC_API_KEY}";
    case "openai-compatible":
      return null;
  }
}

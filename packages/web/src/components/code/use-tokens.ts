import { useEffect, useState } from "react";
import type { Token } from "./highlighting.ts";

const none: readonly Token[] = [];

/**
 * Coloured parts of a text in their order; none until the highlighter is loaded, of a language that it does not know,
 * and with null for the language.
 */
export function useTokens(text: string, language: string | null): readonly Token[] {
  const [found, setFound] = useState<{ text: string; tokens: readonly Token[] } | null>(null);
  useEffect(() => {
    if (language === null) return undefined;
    let shown = true;
    const colour = async () => {
      const { tokensOf } = await import("./highlighting.ts");
      if (shown) setFound({ text, tokens: tokensOf(text, language) });
    };
    // Without its colours (the hub is away) code is as readable as before.
    colour().catch((error: unknown) => console.info("Code stays without colours:", error));
    return () => {
      shown = false;
    };
  }, [text, language]);
  return found?.text === text ? found.tokens : none;
}

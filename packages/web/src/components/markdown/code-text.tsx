import { ColouredCode } from "../code/coloured-code.tsx";
import { useTokens } from "../code/use-tokens.ts";

/** Above this many characters (it takes about a frame for 20,000) code is shown as it is. */
const mostHighlighted = 50_000;

/** A block of code, in colours once it is complete. */
export function CodeText({
  code,
  language,
  complete,
}: {
  code: string;
  language: string;
  complete: boolean;
}) {
  const wanted = complete && language !== "" && code.length <= mostHighlighted;
  return <ColouredCode text={code} tokens={useTokens(code, wanted ? language : null)} />;
}

import common from "highlight.js/lib/common";

/** A text, or a part of it that means something in its language: `hljs-keyword`, `hljs-string`, … */
export type Piece = string | { classes: string; pieces: Piece[] };

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
};

/** What the code consists of; null for a language that is not known here. Loaded when the first code is shown. */
export function highlight(code: string, language: string): Piece[] | null {
  if (common.getLanguage(language) === undefined) return null;
  return piecesOf(common.highlight(code, { language, ignoreIllegals: true }).value);
}

/**
 * Reads the highlighter's HTML, which is spans and escaped text and nothing else. As pieces the code stays text on
 * its whole way: no HTML of it ever comes near the page.
 */
function piecesOf(html: string): Piece[] {
  const root: Piece[] = [];
  const open = [root];
  for (const [, classes, end, text] of html.matchAll(/<span class="([^"]*)">|(<\/span>)|([^<]+)/g)) {
    const at = open.at(-1) ?? root;
    if (classes !== undefined) {
      const pieces: Piece[] = [];
      at.push({ classes, pieces });
      open.push(pieces);
    } else if (end !== undefined) open.pop();
    else if (text !== undefined)
      at.push(text.replaceAll(/&(?:amp|lt|gt|quot|#x27);/g, (one) => entities[one] ?? one));
  }
  return root;
}

import type { Area } from "./areas/area.ts";

/**
 * The words that are typical of each area: those that its sentences and terms have and at most one
 * other area has. What a text is about shows in single words, whatever sentence they are in; lists
 * of them teach that.
 */
export function areaKeywords(areas: readonly Area[]): ReadonlyMap<Area, readonly string[]> {
  const wordsOf = new Map(areas.map((area) => [area, distinctWords(area)]));
  const spread = new Map<string, number>();
  for (const found of wordsOf.values())
    for (const word of found) spread.set(word, (spread.get(word) ?? 0) + 1);
  return new Map(
    [...wordsOf].map(([area, found]) => [area, [...found].filter((word) => (spread.get(word) ?? 0) <= 2)]),
  );
}

function distinctWords(area: Area): Set<string> {
  const patterns = [
    ...area.events.flatMap(({ gist, past }) => [gist, ...past]),
    ...area.replies,
    ...area.general,
    ...area.about,
    ...area.terms.flat(),
  ];
  const text = patterns.join(" ").replaceAll(/\{~?\w+\}/gu, " ");
  return new Set((text.toLowerCase().match(/[a-z][a-z'-]+/gu) ?? []).filter((word) => word.length > 3));
}

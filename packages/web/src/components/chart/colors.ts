/**
 * Colours that differ for the colour-blind too, after Okabe & Ito (2008), dark enough for white paper and light
 * enough for dark: each has a contrast of at least 3 with its background (WCAG 1.4.11).
 */
const palettes = {
  light: ["#c94f00", "#0072b2", "#00805c", "#b5478a", "#946200", "#5b5bd6", "#6b5b4b"],
  dark: ["#ff8a3d", "#56b4e9", "#2fc296", "#e08fc0", "#e6b422", "#9a9bff", "#c9b59a"],
} as const;

/** Dashes tell lines apart once their colours repeat. CSS pixels. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

export type Scheme = keyof typeof palettes;

/** The colour of the line at a place among its series. */
export function seriesColor(index: number, scheme: Scheme): string {
  const palette = palettes[scheme];
  return palette[index % palette.length] ?? palette[0];
}

/** The dashes of the line at a place among its series; none for a line in one piece. */
export function seriesDash(index: number): readonly number[] {
  return dashes[Math.floor(index / palettes.light.length) % dashes.length] ?? [];
}

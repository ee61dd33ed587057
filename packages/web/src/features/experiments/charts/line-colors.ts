import { seriesColor, type Scheme } from "../../../components/chart/colors.ts";

/** Colours of charts that are made for telling a few lines apart; more lines get hues of their own. */
const made = 7;
/** Turning by this each next hue lies far from all before it. */
const goldenAngle = 137.508;
/** Of the two that take turns: dark enough for white paper, light enough for dark. */
const lightness: Record<Scheme, readonly [number, number]> = { light: [0.36, 0.44], dark: [0.62, 0.74] };

/** The colour with this number; there are as many as asked for. */
export function colorAt(index: number, scheme: Scheme): string {
  if (index < made) return seriesColor(index, scheme);
  const later = index - made;
  const [even, odd] = lightness[scheme];
  return hexOf((20 + later * goldenAngle) % 360, 0.65, later % 2 === 0 ? even : odd);
}

/**
 * Gives each name a number, in the order of the list, and the same one for as long as this exists: a run that
 * is new or hidden does not change the colour of another.
 */
export class ColorBook {
  readonly #numbers = new Map<string, number>();

  colorOf(name: string, scheme: Scheme): string {
    const number = this.#numbers.get(name) ?? this.#numbers.size;
    this.#numbers.set(name, number);
    return colorAt(number, scheme);
  }
}

/** `#rrggbb` of a hue in degrees, and saturation and lightness in [0, 1] (CSS Color 4, section 7.1). */
function hexOf(hue: number, saturation: number, light: number): string {
  const spread = saturation * Math.min(light, 1 - light);
  const channel = (offset: number): string => {
    const place = (offset + hue / 30) % 12;
    const value = light - spread * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

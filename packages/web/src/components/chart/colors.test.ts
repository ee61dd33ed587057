import { expect, test } from "vitest";
import { seriesColor, type Scheme } from "./colors.ts";

const papers: Readonly<Record<Scheme, string>> = { light: "#ffffff", dark: "#242424" };

test.each(["light", "dark"] as const)("every colour stands out from %s paper (WCAG 1.4.11)", (scheme) => {
  for (let index = 0; index < 7; index++) {
    const [one, other] = [luminance(seriesColor(index, scheme)), luminance(papers[scheme])];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    expect(contrast, seriesColor(index, scheme)).toBeGreaterThanOrEqual(3);
  }
});

/** Relative luminance (WCAG 2.2). */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

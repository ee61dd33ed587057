import { expect, it } from "vitest";
import { areaKeywords } from "./keywords.ts";
import { areas } from "./notes.ts";

it("finds words that are typical of an area, and none that many areas have", () => {
  const keywords = areaKeywords(areas);
  const of = (name: string): readonly string[] => {
    const area = areas.find((candidate) => candidate.name === name);
    return (area && keywords.get(area)) ?? [];
  };
  expect(of("money")).toEqual(expect.arrayContaining(["invoice", "refund", "receipt"]));
  expect(of("safety")).toEqual(expect.arrayContaining(["phishing", "password"]));
  for (const area of areas) expect(of(area.name).length).toBeGreaterThan(20);
  for (const word of ["that", "with", "from"]) {
    for (const area of areas) expect(of(area.name)).not.toContain(word);
  }
});

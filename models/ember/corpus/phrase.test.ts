import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listed, phrasebook, tidy } from "./phrase.ts";
import { seededRandom } from "./random.ts";

describe("phrasebook", () => {
  it("takes one of the alternatives, nested ones too", () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 200; seed++)
      found.add(phrasebook({}, seededRandom(seed))("[one|two [small|big]] things"));
    expect(found).toEqual(new Set(["One things", "Two small things", "Two big things"]));
  });

  it("keeps a slot's word for the document and draws {~slot} anew", () => {
    const animals = ["dog", "cat", "owl", "fox"];
    const phrase = phrasebook({ animal: animals }, seededRandom(3));
    const [first, second] = [phrase("the {animal}"), phrase("the {animal}")];
    expect(first).toBe(second);
    expect(new Set(Array.from({ length: 40 }, () => phrase("the {~animal}"))).size).toBe(animals.length);
    phrase.set("animal", "bee");
    expect(phrase("a {animal}")).toBe("A bee");
  });

  it("names a slot that has no list", () => {
    expect(() => phrasebook({}, seededRandom(1))("{ship}")).toThrow("{ship}, which has no word list");
  });

  it("leaves no mark behind, whatever is nested", () => {
    const pattern = fc.letrec<{ pattern: string; group: string; word: string }>((tie) => ({
      word: fc.constantFrom("sun", "moon", "{star}", "{~star}", ""),
      group: fc.array(tie("pattern"), { minLength: 1, maxLength: 3 }).map((parts) => `[${parts.join("|")}]`),
      pattern: fc.oneof(
        { maxDepth: 4 },
        tie("word"),
        tie("group"),
        fc.tuple(tie("word"), tie("group")).map((parts) => parts.join(" ")),
      ),
    })).pattern;
    fc.assert(
      fc.property(pattern, fc.nat(), (text, seed) => {
        expect(phrasebook({ star: ["Vega", "Rigel"] }, seededRandom(seed))(text)).not.toMatch(/[{}[\]|]/u);
      }),
    );
  });
});

describe("words around words", () => {
  it("sets articles, spaces and capitals right", () => {
    expect(tidy("a owl saw a user  and a apple . then a uncle ,  too.")).toBe(
      "An owl saw a user and an apple. Then an uncle, too.",
    );
  });

  it("lists in words", () => {
    expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")]).toEqual([
      "",
      "a",
      "a and b",
      "a, b or c",
    ]);
  });
});

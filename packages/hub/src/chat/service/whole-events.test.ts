import fc from "fast-check";
import { expect, it } from "vitest";
import { WholeEvents } from "./whole-events.ts";

it("gives the same bytes, cut after whole events only, as early as it can", () => {
  const event = fc.string({ unit: "grapheme" }).map((text) => `data: ${JSON.stringify(text)}\n\n`);
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 6 }),
      fc.constantFrom("", "data: {", "data: {}\n"),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (events, tail, sizes) => {
        const whole = events.join("");
        const bytes = Buffer.from(whole + tail);
        const cutter = new WholeEvents();
        let out = "";
        let at = 0;
        for (const size of sizes) {
          if (at >= bytes.length) break;
          const piece = cutter.take(bytes.subarray(at, at + size));
          at += size;
          const seen = bytes.subarray(0, at).toString("latin1");
          if (piece !== null) out += piece.toString("latin1");
          // Everything up to the last boundary that has come is out.
          expect(out).toBe(seen.slice(0, seen.lastIndexOf("\n\n") === -1 ? 0 : seen.lastIndexOf("\n\n") + 2));
        }
        expect(Buffer.from(out, "latin1").toString("utf8")).toBe(whole);
        expect(cutter.atBoundary).toBe(tail === "");
      },
    ),
  );
});

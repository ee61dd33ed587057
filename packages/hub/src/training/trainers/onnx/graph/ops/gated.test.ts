import { expect, test } from "vitest";
import { gradientResults } from "../case-runner.ts";
import { swiglu } from "./gated.ts";

test("swiglu gives the same bits when it keeps less", async () => {
  const [kept, lean] = await Promise.all(
    [false, true].map((option) =>
      gradientResults(
        {
          name: "swiglu",
          inputs: [
            [64, 96],
            [64, 96],
          ],
          range: [-30, 30],
          build: (graph, [gate, up]) => {
            if (gate === undefined || up === undefined) throw new RangeError("no inputs");
            return swiglu(graph, gate, up, { lean: option });
          },
        },
        "cpu",
      ),
    ),
  );
  expect(lean?.gradients[0]?.some((value) => value !== 0)).toBe(true);
  expect(lean?.result).toEqual(kept?.result);
  expect(lean?.gradients).toEqual(kept?.gradients);
});

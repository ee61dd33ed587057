import { describe, expect, test } from "vitest";
import { caseInputs, forwardResults, gradientResults, projection } from "./case-runner.ts";
import { differentiate } from "./differentiate.ts";
import { Graph } from "./graph.ts";
import { cpuLowering } from "./lowering/cpu.ts";
import { differentiableCases, forwardCases } from "./operation-cases.ts";
import { scale } from "./ops/elementwise.ts";
import { reduceSum } from "./ops/shape.ts";

const step = 1e-2;

/** Central differences of the projected result, summed in double precision. */
async function numericalGradients(tested: (typeof differentiableCases)[number]): Promise<number[][]> {
  const inputs = caseInputs(tested);
  const moved = inputs.flatMap((values, which) =>
    Array.from(values, (_, index) =>
      [step, -step].map((delta) =>
        inputs.map((other, i) => (i === which ? other.with(index, (other[index] ?? 0) + delta) : other)),
      ),
    ).flat(),
  );
  const results = await forwardResults(tested, "cpu", moved);
  const weights = projection(results[0]?.length ?? 0);
  const sums = results.map((result) => result.reduce((sum, y, i) => sum + y * (weights[i] ?? 0), 0));
  let at = 0;
  return inputs.map((values) =>
    Array.from(values, () => ((sums[at++] ?? NaN) - (sums[at++] ?? NaN)) / (2 * step)),
  );
}

describe("gradients agree with finite differences", () => {
  test.each(differentiableCases)("$name", async (tested) => {
    const { gradients } = await gradientResults(tested, "cpu");
    const expected = await numericalGradients(tested);
    expected.forEach((numbers, which) => {
      const found = gradients[which];
      expect(found).toHaveLength(numbers.length);
      const size = Math.max(...numbers.map(Math.abs), 0.1);
      numbers.forEach((number, i) => {
        expect(Math.abs((found?.[i] ?? NaN) - number) / size, `input ${which}, element ${i}`).toBeLessThan(
          2e-3,
        );
      });
    });
  });
});

describe("operations of the optimizer", () => {
  test.each(forwardCases)("$name", async (tested) => {
    const inputs = caseInputs(tested);
    const [found] = await forwardResults(tested, "cpu", [inputs]);
    const expected = tested.expected(...inputs);
    expect(found).toHaveLength(expected.length);
    expected.forEach((number, i) => expect(found?.[i]).toBeCloseTo(number, 5));
  });

  test("a NaN is not finite", async () => {
    const tested = forwardCases.find(({ name }) => name === "isFinite and select");
    if (tested === undefined) throw new Error("the case is gone");
    const [found] = await forwardResults(tested, "cpu", [[Float32Array.of(NaN, 1, -Infinity)]]);
    expect([...(found ?? [])]).toEqual([0, 1, 0]);
  });
});

test("the cases cover every kind of operation", async () => {
  const covered = new Set<string>();
  for (const tested of [...differentiableCases, ...forwardCases]) {
    const graph = new Graph();
    const inputs = tested.inputs.map((shape, i) => graph.input(`x${i}`, shape));
    tested.build(graph, inputs);
    for (const { kind } of graph.operations) covered.add(kind);
  }
  for (const tested of differentiableCases
    .slice(0, 1)
    .concat(differentiableCases.filter(({ name }) => /gather|crossEntropy/iu.test(name)))) {
    for (const kind of (await gradientResults(tested, "cpu")).kinds) covered.add(kind);
  }
  expect([...covered].toSorted()).toEqual(Object.keys(cpuLowering).toSorted());
});

describe("differentiate refuses", () => {
  test("a loss that is not a scalar", () => {
    const graph = new Graph();
    const x = graph.input("x", [2]);
    expect(() => differentiate(graph, scale(graph, x, 2), [x])).toThrow(/only a scalar .* \[2\]/u);
  });

  test("a source that does not influence the loss", () => {
    const graph = new Graph();
    const [x, other] = [graph.input("x", [2]), graph.input("other", [2])];
    const loss = reduceSum(graph, x, [0], false);
    expect(() => differentiate(graph, loss, [x, other])).toThrow(/does not influence/u);
  });
});

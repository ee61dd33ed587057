import { expect, test } from "vitest";
import { sparkPath } from "./sparkline.tsx";

test("from edge to edge by time, within its height, with gaps where nothing was measured", () => {
  const line = { x: [0, 10, 20, 40], most: 100, height: 22 };
  expect(sparkPath({ ...line, y: [0, 50, null, 200] })).toBe("M0.0 21.0L25.0 11.0M100.0 1.0");
  expect(sparkPath({ ...line, y: [null, null, null, null] })).toBe("");
  expect(sparkPath({ x: [5], y: [1], most: 0, height: 22 })).toBe("M0.0 21.0");
});

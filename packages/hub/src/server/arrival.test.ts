import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { limitArrival } from "./arrival.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function arriving(method: string, url: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.on("error", () => undefined);
  return Object.assign(request, { method, url });
}

describe("the time that a request has to arrive", () => {
  it("ends one whose body does not come", () => {
    const request = arriving("POST", "/api/2.0/mlflow/runs/create");
    limitArrival(request, 1000);
    vi.advanceTimersByTime(999);
    expect(request.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(request.destroyed).toBe(true);
  });

  it("is over when the body is there", () => {
    const request = arriving("POST", "/models");
    limitArrival(request, 1000);
    request.emit("end");
    vi.advanceTimersByTime(5000);
    expect(request.destroyed).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["PUT", "/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/weights"],
    ["PUT", "/ajax-api/2.0/mlflow-artifacts/artifacts/x"],
    ["GET", "/events"],
  ])("is not counted for %s %s", (method, url) => {
    limitArrival(arriving(method, url), 1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is counted for a PUT that only looks like a file's", () => {
    limitArrival(arriving("PUT", "/models?x=/api/2.0/mlflow-artifacts/artifacts/"), 1000);
    expect(vi.getTimerCount()).toBe(1);
  });
});

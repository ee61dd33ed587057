import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { limitArrival } from "./arrival.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function limit(request: IncomingMessage): void {
  limitArrival(request, new ServerResponse(request), 1000);
}

function arriving(method: string, url: string): IncomingMessage {
  const socket = new Socket();
  socket.on("error", () => undefined);
  const request = new IncomingMessage(socket);
  request.on("error", () => undefined);
  return Object.assign(request, { method, url });
}

describe("the time that a request has to arrive", () => {
  it("ends one whose body does not come", async () => {
    const request = arriving("POST", "/api/2.0/mlflow/runs/create");
    limit(request);
    vi.advanceTimersByTime(999);
    expect(request.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    await expect.poll(() => request.destroyed).toBe(true);
  });

  it("is over when the body is there", () => {
    const request = arriving("POST", "/models");
    limit(request);
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
    limit(arriving(method, url));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is counted for a PUT that only looks like a file's", () => {
    limit(arriving("PUT", "/models?x=/api/2.0/mlflow-artifacts/artifacts/"));
    expect(vi.getTimerCount()).toBe(1);
  });
});

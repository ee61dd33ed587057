import type { IncomingMessage } from "node:http";

/** A whole request has to arrive in this time. */
const arrivalMs = 300_000;

/** Files of any size, which take the time they need: who receives one ends it when nothing more comes. */
const files = /^\/(ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\//;

/** Ends the connection of a request whose body is not here in time. Node's own limit is one for all requests. */
export function limitArrival(request: IncomingMessage, milliseconds = arrivalMs): void {
  const { method, url = "" } = request;
  if (method === "GET" || method === "HEAD" || (method === "PUT" && files.test(url))) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy(new Error("The request did not arrive in time."));
  }, milliseconds);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
}

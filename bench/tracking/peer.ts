import type { z } from "zod";
import { Connection } from "./connection.ts";

/** A server under measurement. */
export interface Peer extends AsyncDisposable {
  /** As it stands in the table, e.g. "Hearth" or "MLflow 3.17.2, 1 worker". */
  readonly name: string;
  readonly kind: "hearth" | "mlflow";
  readonly database: "sqlite" | "postgres";
  readonly url: string;
  /** Resident bytes of all its processes, without those of an outside database. */
  memory(): number;
  /** Fills a run or an experiment beside the API, where filling through it would take too long. */
  readonly fillFile: Partial<FillFile>;
}

export interface FillFile {
  /** `count` runs with 50 params and 20 metrics in an experiment. */
  runs(experimentId: string, count: number): Promise<void>;
  /** `count` points of one metric of a run. */
  points(runId: string, key: string, count: number): Promise<void>;
}

/**
 * One request to the 2.0 API by itself.
 *
 * @throws Error with the server's words when the answer is not 200 or not of the schema.
 */
export async function call<T>(
  peer: Pick<Peer, "url" | "name">,
  schema: z.ZodType<T>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  using connection = new Connection(peer.url);
  const answer = await connection.ask(method, path, body === undefined ? "" : JSON.stringify(body));
  if (answer.status !== 200) throw refused(peer.name, path, answer);
  return schema.parse(JSON.parse(answer.body.toString()));
}

/** The error of an answer that should have been 200. */
export function refused(who: string, path: string, answer: { status: number; body: Buffer }): Error {
  return new Error(`${who} answered ${answer.status} to ${path}: ${answer.body.toString().slice(0, 500)}`);
}

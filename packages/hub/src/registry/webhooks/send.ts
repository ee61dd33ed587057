import { createHmac, randomUUID } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { WebhookEvent } from "./events.ts";
import { checkedLookup, checkTarget } from "./target.ts";

/** ms until an answer must be there */
const answerTimeout = 30_000;
/** Bytes of an answer that are kept. */
const maxAnswer = 10_000;

export interface WebhookAnswer {
  status: number;
  body: string;
}

/**
 * Sends one event, signed when there is a secret: `X-MLflow-Signature` is `v1,` and the base64 of the
 * HMAC-SHA256 of `<delivery id>.<timestamp>.<body>`. Redirects are not followed.
 */
export async function sendWebhook(
  { url, secret }: { url: string; secret: string | null },
  { entity, action }: WebhookEvent,
  payload: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const target = checkTarget(url);
  const body = JSON.stringify({
    entity: entity.toLowerCase(),
    action: action.toLowerCase(),
    timestamp: new Date().toISOString().replace("Z", "+00:00"),
    data: payload,
  });
  const id = randomUUID();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-mlflow-delivery-id": id,
    "x-mlflow-timestamp": timestamp,
    ...(secret === null || secret === ""
      ? {}
      : { "x-mlflow-signature": signatureOf(secret, id, timestamp, body) }),
  };
  const limits = AbortSignal.any([signal, AbortSignal.timeout(answerTimeout)]);
  return await new Promise((resolve, reject) => {
    const send = target.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(
      target,
      { method: "POST", headers, agent: false, signal: limits, lookup: checkedLookup(target.protocol) },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          text += part.slice(0, maxAnswer - text.length);
        });
        answer.on("error", reject);
        answer.on("end", () => {
          resolve({ status: answer.statusCode ?? 0, body: text });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

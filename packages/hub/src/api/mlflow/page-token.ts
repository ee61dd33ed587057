import { HearthError } from "../../errors.ts";

/** A page token in MLflow's form: base64 of `{"offset": 200}`. */
export function pageToken(offset: number): string {
  return Buffer.from(`{"offset": ${offset}}`).toString("base64");
}

/** Where the page of a token begins; 0 without one. Throws `invalid_request`. */
export function offsetOf(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  const offset = readOffset(Buffer.from(token, "base64").toString());
  if (offset === undefined) {
    throw new HearthError(
      "invalid_request",
      `Invalid page token ${JSON.stringify(token.slice(0, 100))}: give the next_page_token of an earlier answer.`,
      { details: { field: "page_token" } },
    );
  }
  return offset;
}

function readOffset(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("offset" in value)) return undefined;
    const { offset } = value;
    return typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined;
  } catch {
    return undefined;
  }
}

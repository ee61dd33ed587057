import { responseObject, type ResponseObject } from "@hearth/wire/openai/responses/response";
import { storedItem, type StoredItem } from "@hearth/wire/openai/responses/stored-items";
import { z } from "zod";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";

/** A response with what it was asked, without what came before. */
export interface StoredResponse {
  input: StoredItem[];
  response: ResponseObject;
}

/** Responses that clients may read again and go on from. What throws `not_found` does so for an unknown id. */
export interface Responses {
  /** On disk when the promise resolves. Removes what is older than 30 days. */
  save(stored: StoredResponse): Promise<void>;
  get(id: string): Promise<StoredResponse>;
  remove(id: string): Promise<void>;
  /**
   * A conversation up to a response, the oldest first. Throws `not_found`, also when one before it is
   * gone, and `invalid_request` beyond 1,000 of them.
   */
  conversation(id: string): Promise<StoredResponse[]>;
}

/** As long as OpenAI keeps them. */
const keptMs = 30 * 24 * 3_600_000;
const longestConversation = 1000;

const input = z.array(storedItem);

export function createResponses(database: Database, now: () => number = Date.now): Responses {
  const read = async (db: Queries, id: string): Promise<StoredResponse | undefined> => {
    const row = await db
      .selectFrom("responses")
      .select(["input", "response"])
      .where("id", "=", id)
      .where("created_at", ">", now() - keptMs)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      input: input.parse(JSON.parse(row.input)),
      response: responseObject.parse(JSON.parse(row.response)),
    };
  };
  return {
    save: (stored) =>
      database.write(async (db) => {
        const { id, previous_response_id: previous } = stored.response;
        const time = now();
        await db
          .insertInto("responses")
          .values({
            id,
            previous_id: previous,
            input: JSON.stringify(stored.input),
            response: JSON.stringify(stored.response),
            created_at: time,
          })
          .execute();
        await db
          .deleteFrom("responses")
          .where("created_at", "<=", time - keptMs)
          .execute();
      }),
    get: async (id) => (await read(database.db, id)) ?? missing(id),
    remove: async (id) => {
      const { numDeletedRows } = await database.write((db) =>
        db.deleteFrom("responses").where("id", "=", id).executeTakeFirst(),
      );
      if (numDeletedRows === 0n) missing(id);
    },
    conversation: async (id) => {
      const found: StoredResponse[] = [];
      for (let next: string | null = id; next !== null;) {
        if (found.length >= longestConversation)
          throw new HearthError(
            "invalid_request",
            `The conversation before ${id} has more than ${longestConversation} responses; begin a new one.`,
            { details: { field: "previous_response_id" } },
          );
        const stored: StoredResponse = (await read(database.db, next)) ?? missing(next);
        found.push(stored);
        next = stored.response.previous_response_id;
      }
      return found.reverse();
    },
  };
}

function missing(id: string): never {
  throw new HearthError(
    "not_found",
    `There is no stored response ${id.slice(0, 100)}; it was not stored, was deleted, or is older than 30 days.`,
    { details: { response_id: id.slice(0, 100) } },
  );
}

import { z } from "zod";
import { call, readJson } from "./call.ts";
import { nameOf, ServerFailure } from "./failures.ts";
import { Patience } from "./patience.ts";
import type { ServerAddress } from "./server.ts";

const listBytes = 4 * 2 ** 20;
const mostModels = 2_000;

const modelList = z.object({ data: z.array(z.unknown()).nullable() });
/** A name that can stand in a request, in a log and on a page. Others are left out. */
const entry = z.object({ id: z.string().regex(/^[^\p{C}\p{Z}]{1,200}$/u) });

/** The models that a server lists, at most 2,000. Errors: ServerFailure, Timeout, RequestCancelled. */
export async function modelNames(server: ServerAddress, signal: AbortSignal): Promise<string[]> {
  using patience = new Patience(signal, server.timeoutMs, nameOf(server));
  const response = await call(server, "models", null, patience);
  const parsed = modelList.safeParse(await readJson(server, response, listBytes, patience));
  if (!parsed.success) {
    throw new ServerFailure(
      "unavailable",
      "sick",
      `${nameOf(server)} answers /models with JSON that is no list of models. Is this the address of an OpenAI-compatible API?`,
      { details: { url: server.url } },
    );
  }
  const names = (parsed.data.data ?? []).slice(0, mostModels).flatMap((item) => {
    const found = entry.safeParse(item);
    return found.success ? [found.data.id] : [];
  });
  return [...new Set(names)];
}

import type { HearthClient } from "@hearth/sdk";
import { toolAccess } from "@hearth/wire/chat/turn";
import { saidIn } from "../../chat/sessions/said.ts";
import type { CommandContext } from "../context.ts";
import { explain, UsageError } from "../errors.ts";
import { dim, red } from "../output.ts";
import { printable } from "../printable.ts";
import { askPerson } from "./approve.ts";
import { Lines } from "./lines.ts";
import { choosePlace } from "./place.ts";
import { runSlash } from "./slash.ts";
import { Talk } from "./talk.ts";

interface ChatOptions {
  system?: string;
  tools?: string;
  continue?: string | boolean;
  allowChanges: boolean;
}

/** Talks until the input ends: a person at a terminal, or the lines of a pipe, each of them a turn. */
export async function chat(
  model: string | undefined,
  options: ChatOptions,
  { client, output, signal }: CommandContext,
): Promise<void> {
  let answering: AbortController | null = null;
  const interrupt = (): void => {
    // The first Ctrl-C is for the answer, the next one for all of it.
    if (answering !== null && !answering.signal.aborted)
      answering.abort(new DOMException("stopped", "AbortError"));
    else lines.close();
  };
  using lines = new Lines(interrupt);
  signal.addEventListener("abort", () => lines.close(), { once: true });
  const talk = new Talk(client, output, askPerson(lines, output, options.allowChanges));
  await prepare(talk, model, options, client, signal);
  if (lines.isTerminal) output.note(`${model ?? "the default model"} listens; /help tells more`);

  /** Does one thing that Ctrl-C stops. At a terminal what goes wrong is told, and the talk goes on. */
  const attempt = async (work: (own: AbortSignal) => Promise<void>): Promise<void> => {
    const own = (answering = new AbortController());
    try {
      await work(AbortSignal.any([signal, own.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (own.signal.aborted) return output.note("\n(stopped)");
      if (!lines.isTerminal) throw error;
      const { message, fix } = explain(error);
      output.note(`${red("error:")} ${printable(message)}${fix === null ? "" : `\n${dim(fix)}`}`);
    } finally {
      answering = null;
    }
  };
  if (talk.sessionId !== null) await attempt((own) => talk.settle(own));
  for (;;) {
    const line = await lines.next("› ");
    if (line === null || line.trim() === "/bye") break;
    if (line.trim() === "") continue;
    await attempt((own) =>
      line.trim().startsWith("/")
        ? runSlash(line, { client, output, talk, signal: own })
        : talk.say(line, own),
    );
  }
  signal.throwIfAborted();
  output.result(await summary(talk, model, client));
}

async function prepare(
  talk: Talk,
  model: string | undefined,
  options: ChatOptions,
  client: HearthClient,
  signal: AbortSignal,
): Promise<void> {
  if (options.continue !== undefined) {
    const id = typeof options.continue === "string" ? options.continue : await newestId(client, signal);
    talk.resume(await client.conversations.get(id, { signal }));
  }
  if (model !== undefined) talk.place = await choosePlace(client, model, signal);
  const tools = toolAccess.optional().safeParse(options.tools);
  if (!tools.success) throw new UsageError(`--tools is none, read or all, not ${options.tools}`);
  talk.settings = {
    ...talk.settings,
    ...(options.system === undefined ? {} : { system: options.system }),
    ...(tools.data === undefined ? {} : { tools: tools.data }),
  };
}

async function newestId(client: HearthClient, signal: AbortSignal): Promise<string> {
  const { items } = await client.conversations.list({ pageSize: 1, signal });
  const [newest] = items;
  if (newest === undefined) throw new UsageError("there is no conversation yet that could be gone on with");
  return newest.id;
}

/** What `--json` prints: who said what, in the order of arrival. */
async function summary(talk: Talk, model: string | undefined, client: HearthClient): Promise<object> {
  if (talk.sessionId === null) return { model: model ?? null, conversation: null, messages: [] };
  const { id, title, messages } = await client.conversations.get(talk.sessionId);
  return {
    model: model ?? null,
    conversation: id,
    title,
    messages: messages.map((message) => ({ role: message.role, content: saidIn(message) })),
  };
}

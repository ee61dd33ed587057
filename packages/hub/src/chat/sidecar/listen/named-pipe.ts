import type { Server } from "node:http";
import { started, type Listening } from "./listening.ts";
import { ListenRefused } from "./refused.ts";

const prefix = String.raw`\\.\pipe\ `.trim();

/** Listens on a named pipe of Windows. The system removes it with its process, and gives it to one only. */
export async function listenOnPipe(server: Server, path: string): Promise<Listening> {
  if (process.platform !== "win32")
    throw new ListenRefused(
      `Named pipes are of Windows, this is ${process.platform}: set HEARTH_CHAT_TRANSPORT to socket or http.`,
    );
  if (!path.startsWith(prefix))
    throw new ListenRefused(`"${path}" is no named pipe: those begin with ${prefix}.`);
  try {
    await started(server, () => server.listen({ path, readableAll: false, writableAll: false }));
  } catch (error) {
    throw new ListenRefused(`The pipe ${path} cannot be listened on: ${String(error)}`, { cause: error });
  }
  return { address: { kind: "pipe", path }, [Symbol.asyncDispose]: () => Promise.resolve() };
}

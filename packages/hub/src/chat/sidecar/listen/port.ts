import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import { dirname } from "node:path";
import { started, type Listening } from "./listening.ts";
import { alone } from "./place-lock.ts";
import { readPortFile, removePortFile, writePortFile } from "./port-file.ts";
import { accepts } from "./probe.ts";
import { ListenRefused } from "./refused.ts";

const host = "127.0.0.1";

/** Listens on a port of this machine; 0 lets the system choose one, and the port file tells which. */
export async function listenOnPort(
  server: Server,
  port: number,
  portFile: string | null,
): Promise<Listening> {
  const listening = (url: string, end: () => Promise<void>): Listening => ({
    address: { kind: "http", url },
    [Symbol.asyncDispose]: end,
  });
  if (portFile === null)
    return listening(`http://${host}:${await begin(server, port)}`, () => Promise.resolve());
  const found = await ownPortFile(portFile, async () => {
    await refuseLive(portFile);
    const own = await begin(server, port);
    await writePortFile(portFile, { port: own, pid: process.pid }).catch((error: unknown) => {
      server.close();
      throw new ListenRefused(
        `The port file ${portFile} cannot be written: ${String(error)}. Set HEARTH_CHAT_PORT_FILE to another path.`,
        { cause: error },
      );
    });
    return own;
  });
  return listening(`http://${host}:${found}`, () => removePortFile(portFile, process.pid));
}

async function ownPortFile<T>(portFile: string, act: () => Promise<T>): Promise<T> {
  try {
    await mkdir(dirname(portFile), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ListenRefused(
      `The folder of the port file ${portFile} cannot be made: ${String(error)}. Set HEARTH_CHAT_PORT_FILE to another path.`,
      { cause: error },
    );
  }
  return await alone(portFile, act);
}

/** The port that is listened on then. */
async function begin(server: Server, port: number): Promise<number> {
  try {
    await started(server, () => server.listen(port, host));
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw new ListenRefused(
      taken
        ? `Another process listens on port ${port}. Stop it, or set HEARTH_CHAT_PORT to another one (0: the system chooses).`
        : `Port ${port} cannot be listened on: ${String(error)}. Set HEARTH_CHAT_PORT to another one.`,
      { cause: error },
    );
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new ListenRefused("No port was given.");
  return address.port;
}

async function refuseLive(portFile: string): Promise<void> {
  const found = await readPortFile(portFile);
  if (found === null || !found.alive || !(await accepts({ host, port: found.port }))) return;
  throw new ListenRefused(
    `${portFile} tells of process ${found.pid}, which listens on port ${found.port}; it is left alone. Stop it, or set HEARTH_CHAT_PORT_FILE to another path.`,
  );
}

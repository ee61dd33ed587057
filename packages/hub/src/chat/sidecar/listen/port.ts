import type { Server } from "node:http";
import { started, type Listening } from "./listening.ts";
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
  if (portFile !== null) await refuseLive(portFile);
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
  if (portFile !== null) await writePortFile(portFile, { port: address.port, pid: process.pid });
  return {
    address: { kind: "http", url: `http://${host}:${address.port}` },
    async [Symbol.asyncDispose]() {
      if (portFile !== null) await removePortFile(portFile, process.pid);
    },
  };
}

async function refuseLive(portFile: string): Promise<void> {
  const found = await readPortFile(portFile);
  if (found === null || !found.alive || !(await accepts({ host, port: found.port }))) return;
  throw new ListenRefused(
    `${portFile} tells of process ${found.pid}, which listens on port ${found.port}; it is left alone. Stop it, or set HEARTH_CHAT_PORT_FILE to another path.`,
  );
}

import { extname } from "node:path";
import type { ListenOptions } from "../sidecar/messages.ts";
import type { ChatTransport } from "../transport.ts";

/** The first sidecar listens where it was set; each further one beside it, with its number. */
export function placeOf(transport: ChatTransport, index: number): ListenOptions {
  switch (transport.kind) {
    case "socket":
    case "pipe":
      return { transport: transport.kind, path: numbered(transport.path, index) };
    case "http":
      return {
        transport: "http",
        port: transport.port === 0 ? 0 : transport.port + index,
        portFile: numbered(transport.portFile, index),
      };
  }
}

/** `chat.sock` → `chat-2.sock` */
function numbered(path: string, index: number): string {
  if (index === 0) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${index + 1}${extension}`;
}

import { join } from "node:path";
import { parseBoolean, parseChoice, parseFolder, parseInteger } from "./values.ts";

/** How the chat runs, as a person sets it. */
export interface ChatSettings {
  /** Whether sidecars run: never, from the first turn on, or as long as the hub. */
  start: "off" | "on-demand" | "always";
  sidecars: number;
  transport:
    | { kind: "socket"; path: string }
    | { kind: "pipe"; path: string }
    | { kind: "http"; port: number; portFile: string };
  /** Turns a minute of one client; 0: no limit. */
  turnsPerMinute: number;
  /** Whether turns of the hub's own models count, too. */
  limitHub: boolean;
  /** A provider that says nothing for so long in the middle of an answer has stalled. */
  stallSeconds: number;
  /** Reads the variable that a provider's key is named by. */
  environment: (name: string) => string | undefined;
}

/** Reads what begins with `HEARTH_CHAT`. Throws `configuration_invalid`. */
export function readChatSettings(
  get: (name: string) => string | undefined,
  home: string,
  userHome: string,
  environment: (name: string) => string | undefined,
): ChatSettings {
  const windows = process.platform === "win32";
  const kind = parseChoice(
    "HEARTH_CHAT_TRANSPORT",
    get("HEARTH_CHAT_TRANSPORT") ?? (windows ? "pipe" : "socket"),
    ["socket", "http", "pipe"],
  );
  const path = get("HEARTH_CHAT_SOCKET");
  const file = (name: string, otherwise: string) => parseFolder(name, get(name) ?? otherwise, userHome);
  const transports = {
    socket: () => ({ kind: "socket" as const, path: file("HEARTH_CHAT_SOCKET", join(home, "chat.sock")) }),
    pipe: () => ({ kind: "pipe" as const, path: path ?? String.raw`\\.\pipe\hearth-chat` }),
    http: () => ({
      kind: "http" as const,
      port: parseInteger("HEARTH_CHAT_PORT", get("HEARTH_CHAT_PORT") ?? "0", 0, 65_535),
      portFile: file("HEARTH_CHAT_PORT_FILE", join(home, "chat.port")),
    }),
  };
  return {
    start: parseChoice("HEARTH_CHAT", get("HEARTH_CHAT") ?? "on-demand", ["off", "on-demand", "always"]),
    sidecars: parseInteger("HEARTH_CHAT_SIDECARS", get("HEARTH_CHAT_SIDECARS") ?? "1", 1, 16),
    transport: transports[kind](),
    turnsPerMinute: parseInteger(
      "HEARTH_CHAT_RATE_LIMIT",
      get("HEARTH_CHAT_RATE_LIMIT") ?? "10",
      0,
      1_000_000,
    ),
    limitHub: parseBoolean("HEARTH_CHAT_LIMIT_HUB", get("HEARTH_CHAT_LIMIT_HUB") ?? "0"),
    stallSeconds: parseInteger(
      "HEARTH_CHAT_STALL_SECONDS",
      get("HEARTH_CHAT_STALL_SECONDS") ?? "60",
      1,
      3600,
    ),
    environment,
  };
}

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readChatSettings } from "./chat.ts";

const home = "/home/me/.hearth";
const read = (given: Record<string, string> = {}) =>
  readChatSettings(
    (name) => given[name],
    home,
    "/home/me",
    (name) => ({ MY_KEY: "secret" })[name],
  );

describe("HEARTH_CHAT*", () => {
  it.skipIf(process.platform === "win32")(
    "has defaults: a socket in the home folder, one sidecar when it is needed",
    () => {
      expect(read()).toEqual({
        start: "on-demand",
        sidecars: 1,
        stallSeconds: 60,
        transport: { kind: "socket", path: join(home, "chat.sock") },
        turnsPerMinute: 10,
        limitHub: false,
        environment: expect.any(Function),
      });
      expect(read().environment("MY_KEY")).toBe("secret");
    },
  );

  it("takes what is set", () => {
    const settings = {
      HEARTH_CHAT: "always",
      HEARTH_CHAT_SIDECARS: "3",
      HEARTH_CHAT_RATE_LIMIT: "0",
      HEARTH_CHAT_LIMIT_HUB: "1",
    };
    const set = { start: "always", sidecars: 3, turnsPerMinute: 0, limitHub: true };
    expect(read(settings)).toMatchObject(set);
    expect(read({ HEARTH_CHAT_TRANSPORT: "socket", HEARTH_CHAT_SOCKET: "~/c.sock" }).transport).toEqual({
      kind: "socket",
      path: "/home/me/c.sock",
    });
    expect(read({ HEARTH_CHAT_TRANSPORT: "http", HEARTH_CHAT_PORT: "9000" }).transport).toEqual({
      kind: "http",
      port: 9000,
      portFile: join(home, "chat.port"),
    });
    expect(read({ HEARTH_CHAT_TRANSPORT: "pipe" }).transport).toEqual({
      kind: "pipe",
      path: String.raw`\\.\pipe\hearth-chat`,
    });
  });

  it.each([
    ["HEARTH_CHAT", "maybe", 'HEARTH_CHAT is "maybe"; allowed: off, on-demand, always.'],
    ["HEARTH_CHAT_TRANSPORT", "tcp", 'HEARTH_CHAT_TRANSPORT is "tcp"; allowed: socket, http, pipe.'],
    ["HEARTH_CHAT_SIDECARS", "0", 'HEARTH_CHAT_SIDECARS is "0"; allowed: a whole number from 1 to 16.'],
    [
      "HEARTH_CHAT_RATE_LIMIT",
      "-1",
      'HEARTH_CHAT_RATE_LIMIT is "-1"; allowed: a whole number from 0 to 1000000.',
    ],
    ["HEARTH_CHAT_LIMIT_HUB", "some", 'HEARTH_CHAT_LIMIT_HUB is "some"; allowed: 1 or 0.'],
    ["HEARTH_CHAT_PORT", "70000", 'HEARTH_CHAT_PORT is "70000"; allowed: a whole number from 0 to 65535.'],
    ["HEARTH_CHAT_SOCKET", "s3://x", "HEARTH_CHAT_SOCKET is"],
  ])("%s=%s stops the start", (variable, value, message) => {
    const kind = variable === "HEARTH_CHAT_PORT" ? "http" : "socket";
    expect(() => read({ HEARTH_CHAT_TRANSPORT: kind, [variable]: value })).toThrow(message);
  });
});

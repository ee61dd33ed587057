import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenOnPort } from "../../packages/hub/src/chat/sidecar/listen/port.ts";
import { readPortFile, writePortFile } from "../../packages/hub/src/chat/sidecar/listen/port-file.ts";
import { listenOnSocket } from "../../packages/hub/src/chat/sidecar/listen/unix-socket.ts";
import { echo, Provider } from "./provider.ts";
import { refusedStart, saidIn, settingsWith, SidecarProcess, textOf } from "./sidecar-process.ts";

const settings = settingsWith("http://127.0.0.1:1");
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-places-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Why a sidecar did not start there. */
async function whyNot(place: { path: string } | { portFile: string }): Promise<string> {
  const exit = await refusedStart(
    folder,
    "path" in place
      ? { transport: "socket", path: place.path }
      : { transport: "http", port: 0, portFile: place.portFile },
    settings,
  );
  expect(exit).toMatchObject({ reason: "failed", code: 1 });
  return exit.lastLines.join("\n");
}

/** A process that listens on a socket and is killed: the socket stays. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", script, path], { stdio: "ignore" }), "exit");
  expect((await lstat(path)).isSocket()).toBe(true);
}

describe.skipIf(process.platform === "win32")("a sidecar's socket", () => {
  it("is its owner's alone from the moment it is there, in a folder that is made", async () => {
    const path = join(folder, "a/b/chat.sock");
    const server = createServer();
    const modes: number[] = [];
    // Looked at in the very moment in which it accepts, before anybody could set a mode afterwards.
    server.once("listening", () => void lstat(path).then(({ mode }) => modes.push(mode & 0o777)));
    await using _listening = await listenOnSocket(server, path);
    await expect.poll(() => modes).toEqual([0o600]);
    expect((await stat(join(folder, "a/b"))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, "a/b"))).toEqual(["chat.sock"]);
    server.close();
  });

  it("is left alone where somebody listens, who goes on undisturbed", async () => {
    await using provider = await Provider.start(echo);
    const path = join(folder, "chat.sock");
    await using first = await SidecarProcess.start(
      folder,
      { transport: "socket", path },
      settingsWith(provider.url),
    );
    expect(await whyNot({ path })).toBe(
      `Another process listens on ${path}; it is left alone. Stop it, or set HEARTH_CHAT_SOCKET to another path.`,
    );
    expect(saidIn(await textOf(await first.turn("still there")))).toBe("You said: still there");
  });

  it("replaces one that a dead process left", async () => {
    const path = join(folder, "chat.sock");
    await leaveSocket(path);
    await using sidecar = await SidecarProcess.start(folder, { transport: "socket", path }, settings);
    expect((await sidecar.send("GET", "/health")).statusCode).toBe(200);
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
  });

  it.each([false, true])(
    "is one's alone when several start at once (a stale one there: %s)",
    async (stale) => {
      const path = join(folder, "chat.sock");
      for (let round = 0; round < 10; round++) {
        if (stale) await leaveSocket(path);
        const servers: Server[] = Array.from({ length: 8 }, (_, index) =>
          createServer((_request, response) => response.end(String(index))),
        );
        const outcomes = await Promise.allSettled(servers.map((server) => listenOnSocket(server, path)));
        const winners = outcomes.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
        expect(winners).toHaveLength(1);
        expect(servers.filter(({ listening }) => listening)).toHaveLength(1);
        for (const outcome of outcomes)
          if (outcome.status === "rejected") expect(String(outcome.reason)).toContain("Another process");
        // And who won is who answers there.
        const [winner = -1] = winners;
        expect(await answerAt(path)).toBe(String(winner));
        await new Promise((resolve) => servers[winner]?.close(resolve));
        expect(await readdir(folder)).toEqual([]);
      }
    },
  );

  it("is refused where a file is that is no socket", async () => {
    const path = join(folder, "chat.sock");
    await writeFile(path, "notes");
    expect(await whyNot({ path })).toBe(
      `${path} is there and is no socket; it is left alone. Remove it, or set HEARTH_CHAT_SOCKET to another path.`,
    );
    expect(await readFile(path, "utf8")).toBe("notes");
  });

  it("is refused where its path is longer than the system's", async () => {
    expect(await whyNot({ path: join(folder, `${"x".repeat(120)}.sock`) })).toMatch(
      /^The path of the socket has \d+ bytes, the system allows 10[37]: .*Set HEARTH_CHAT_SOCKET to a shorter one\.$/,
    );
  });

  it("is refused in a folder that others may write to", async () => {
    const open = join(folder, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    expect(await whyNot({ path: join(open, "chat.sock") })).toContain(
      `Others may write to the folder of the socket, ${open} (mode 777). Take that right away`,
    );
    expect(await readdir(open)).toEqual([]);
  });

  // Only root can give a folder away.
  it.runIf(isRoot)("is refused in a folder of somebody else", async () => {
    const foreign = join(folder, "foreign");
    await mkdir(foreign, { mode: 0o700 });
    await chown(foreign, 12_345, 12_345);
    expect(await whyNot({ path: join(foreign, "chat.sock") })).toContain(
      `The folder of the socket, ${foreign}, belongs to the user 12345 and not to you (0).`,
    );
  });

  it("is refused where its folder cannot be made", async () => {
    await writeFile(join(folder, "file"), "");
    expect(await whyNot({ path: join(folder, "file/chat.sock") })).toContain("cannot be made");
  });
});

describe("a sidecar's port file", () => {
  it("tells port and process, to its owner alone, and never half of it", async () => {
    const path = join(folder, "chat.port");
    await using sidecar = await SidecarProcess.start(
      folder,
      { transport: "http", port: 0, portFile: path },
      settings,
    );
    const port = "port" in sidecar.place ? Number(sidecar.place.port) : 0;
    expect(await readFile(path, "utf8")).toBe(`${port}\n${sidecar.child.pid}\n`);
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
    // Who reads while it is written anew, again and again, sees one that is whole.
    let writing = true;
    const written = (async () => {
      for (let round = 0; round < 200; round++)
        await writePortFile(path, { port: 10_000 + round, pid: process.pid });
    })().finally(() => (writing = false));
    while (writing) expect(await readFile(path, "utf8")).toMatch(/^\d{4,5}\n\d+\n$/);
    await written;
    // It tells of another process now: the sidecar leaves it alone at its end.
    await sidecar.child.stop();
    expect(await readPortFile(path)).toMatchObject({ port: 10_199, pid: process.pid });
  });

  it("replaces one of a dead process, and one that says nothing", async () => {
    const path = join(folder, "chat.port");
    for (const left of [`4711\n${2 ** 30}\n`, "no port", ""]) {
      await writeFile(path, left);
      await using sidecar = await SidecarProcess.start(
        folder,
        { transport: "http", port: 0, portFile: path },
        settings,
      );
      expect(await readPortFile(path)).toMatchObject({ pid: sidecar.child.pid, alive: true });
    }
  });

  it("is left alone where its sidecar is there still", async () => {
    const portFile = join(folder, "chat.port");
    await using first = await SidecarProcess.start(
      folder,
      { transport: "http", port: 0, portFile },
      settings,
    );
    const before = await readFile(portFile, "utf8");
    expect(await whyNot({ portFile })).toMatch(
      new RegExp(`tells of process ${first.child.pid}, which listens on port \\d+; it is left alone`),
    );
    expect(await readFile(portFile, "utf8")).toBe(before);
  });

  it("is one's alone when several start at once", async () => {
    const portFile = join(folder, "chat.port");
    const servers = Array.from({ length: 8 }, () => createServer());
    const outcomes = await Promise.allSettled(servers.map((server) => listenOnPort(server, 0, portFile)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(servers.filter(({ listening }) => listening)).toHaveLength(1);
    for (const server of servers) server.close();
  });

  it("is refused where its folder is none, and nothing is listened on then", async () => {
    await writeFile(join(folder, "file"), "");
    expect(await whyNot({ portFile: join(folder, "file/chat.port") })).toContain(
      "Set HEARTH_CHAT_PORT_FILE to another path",
    );
  });

  it("is refused on a port that somebody else has", async () => {
    const other = createServer();
    await once(other.listen(0, "127.0.0.1"), "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { lastLines } = await refusedStart(folder, { transport: "http", port, portFile: null }, settings);
    expect(lastLines.join("\n")).toContain(`Another process listens on port ${port}. Stop it`);
    other.close();
  });
});

async function answerAt(socketPath: string): Promise<string> {
  const asking = request({ socketPath, agent: false }).end();
  const [answer] = await once(asking, "response");
  return await textOf(answer);
}

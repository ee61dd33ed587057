import fc from "fast-check";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { processIdentity } from "./identity.ts";
import { MessageLines } from "./program-channel.ts";
import { superviseChild } from "./supervisor.ts";

const folder = await mkdtemp(join(tmpdir(), "hearth-program-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

function program(script: string, onMessage: (message: unknown) => void = () => undefined) {
  return superviseChild({
    name: "the program",
    program: process.execPath,
    args: ["-e", script],
    logFile: join(folder, "program.log"),
    readyTimeoutMs: 20_000,
    onMessage,
  });
}

test("a program speaks by lines of JSON, and ends when its input does", async () => {
  const answers: unknown[] = [];
  const answered = Promise.withResolvers<void>();
  const child = program(
    `const fs = require("node:fs");
     console.log("said to people");
     fs.writeSync(3, 'no JSON\\n{"type":"ready"}\\n');
     process.stdin.on("data", (line) => fs.writeSync(3, JSON.stringify({ echo: String(line) }) + "\\n"));
     process.stdin.on("end", () => process.exit(0));`,
    (message) => {
      answers.push(message);
      if (answers.length === 2) answered.resolve();
    },
  );
  await child.ready;
  await child.send({ some: "thing" });
  await answered.promise;
  expect(answers).toEqual([{ type: "ready" }, { echo: '{"some":"thing"}\n' }]);
  expect(child.lastLines).toEqual(["said to people"]);
  const { pid } = child;
  expect(await child.stop()).toMatchObject({ reason: "stopped" });
  expect(await processIdentity(pid ?? 0)).toBeNull();
  await expect(child.send({})).rejects.toThrow("the program was stopped");
});

test("a program that is not there could not be started, and says why", async () => {
  const child = superviseChild({
    name: "the program",
    program: join(folder, "nothing"),
    logFile: join(folder, "program.log"),
    readyTimeoutMs: 20_000,
    onMessage: () => undefined,
  });
  await expect(child.ready).rejects.toThrow(/could not be started .*ENOENT/);
});

test("messages come out as they went in, however the text is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.array(fc.nat(40), { maxLength: 20 }),
      (messages, cuts) => {
        const found: unknown[] = [];
        const lines = new MessageLines((message) => found.push(message));
        let text = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
        for (const cut of cuts) {
          lines.push(text.slice(0, cut));
          text = text.slice(cut);
        }
        lines.push(text);
        expect(JSON.stringify(found)).toBe(JSON.stringify(messages));
      },
    ),
  );
});

test("a line without an end is not kept, and the next one counts again", () => {
  const found: unknown[] = [];
  const lines = new MessageLines((message) => found.push(message));
  for (let piece = 0; piece < 30; piece++) lines.push("1".repeat(100_000));
  lines.push('"still the same"\n"the next"\n');
  expect(found).toEqual(["the next"]);
});

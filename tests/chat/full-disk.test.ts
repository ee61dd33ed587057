import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfinedHub, mountCommand } from "../tracking-faults/confined-hub.ts";
import { ask, lastAnswer, Reading, useProvider } from "./asking.ts";
import { echo, Provider } from "./provider.ts";
import { partsOf, saidIn } from "./sidecar-process.ts";

const mount = process.platform === "linux" ? mountCommand() : undefined;
if (mount === undefined) console.info("full disk: skipped, no disk of its own can be mounted here");

const diskBytes = 16_000_000;

test.skipIf(mount === undefined)(
  "a disk that fills up in the middle of an answer ends it with the reason; the next one waits for room",
  async () => {
    const home = await mkdtemp(join(tmpdir(), "hearth-full-"));
    {
      await using provider = await Provider.start();
      await using hub = await ConfinedHub.onDisk(mount ?? [], home, diskBytes);
      await useProvider(hub.url, provider.url);
      const answering = ask(hub.url, "s", "go");
      const call = await provider.next();
      call.begin().say("a beginning ");
      const reading = await new Reading(await answering).until("a beginning");
      // It is in the database by then.
      await expect.poll(async () => (await lastAnswer(hub.url, "s")).text).toBe("a beginning ");

      const filler = join(hub.home, "filler");
      await fill(filler);
      for (let piece = 0; piece < 200; piece++) call.say(`${piece} `.repeat(100));
      const { text } = await reading.rest();
      expect(partsOf(text).find(({ type }) => type === "error")).toMatchObject({
        errorText: expect.stringMatching(/^The conversation cannot be kept any more: .*no space left/),
      });
      // Nobody reads the provider's answer any more.
      expect(await call.left).toBe(true);

      const refused = await ask(hub.url, "s2", "go");
      expect([refused.status, await refused.text()]).toEqual([
        503,
        expect.stringMatching(/resource_exhausted.*Free some space/),
      ]);
      expect((await fetch(`${hub.url}/health`)).status).toBe(200);

      await rm(filler);
      provider.answer = echo;
      expect(saidIn(await (await ask(hub.url, "s3", "go")).text())).toBe("You said: go");
      expect(await lastAnswer(hub.url, "s3")).toMatchObject({ status: "complete" });
      // What was shown of the first one follows as soon as there is room.
      await expect
        .poll(() => lastAnswer(hub.url, "s"))
        .toMatchObject({
          status: "failed",
          text: saidIn(text),
          error: expect.stringContaining("no space left"),
        });
    }
    await rm(home, { recursive: true });
  },
);

/** Writes until nothing is left. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "w");
  for (const bytes of [100_000, 1]) {
    const block = Buffer.alloc(bytes);
    for (;;) {
      try {
        await file.write(block);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOSPC") break;
        throw error;
      }
    }
  }
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

test("settings stand beside what sets them, and of secrets only that they are set", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-test-"));
  await writeFile(
    join(home, "config.json"),
    JSON.stringify({
      providers: { other: { urls: ["http://127.0.0.1:9"], apiKeyVariable: "OTHER_KEY", models: ["one"] } },
    }),
  );
  try {
    await using hub = await TestHub.start({
      home,
      env: { OTHER_KEY: "sk-other-secret", HEARTH_SLOTS: "3", HEARTH_KEEP_CONTENT: "1" },
    });
    await using browser = await TestBrowser.start();
    for (const options of [{}, { width: 390, colorScheme: "dark" as const }]) {
      await using tab = await browser.open(`${hub.url}/#/settings`, options);
      const { page } = tab;
      const row = (name: string) => page.getByRole("row", { name });
      await row("Slots of a model 3 HEARTH_SLOTS").waitFor();
      await row("Context of a model chosen by the hub HEARTH_CONTEXT").waitFor();
      await row("Questions and answers are kept yes HEARTH_KEEP_CONTENT").waitFor();
      await row(`Database sqlite: ${join(home, "hearth.db")}`).waitFor();
      await row("API key not set").waitFor();
      await row("other http://127.0.0.1:9/v1 set (OTHER_KEY)").waitFor();
      await page
        .getByRole("table", { name: "Engines" })
        .getByRole("row", { name: /^llama/ })
        .waitFor();
      await page.getByText(`OPENAI_BASE_URL=${hub.url}/v1`).waitFor();
      expect(await page.content()).not.toContain("sk-other-secret");
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect(overflow).toBeLessThanOrEqual(0);
      await tab.expectAccessible();
      tab.expectClean();
    }
  } finally {
    await rm(home, { recursive: true });
  }
});

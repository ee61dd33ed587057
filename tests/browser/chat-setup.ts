import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";
import { ScriptedModel } from "./scripted-model.ts";

/** A hub whose models `script/one` and `script/two` say what a test wrote, and a browser for its page. */
export class ChatSetup implements AsyncDisposable {
  readonly hub: TestHub;
  readonly browser: TestBrowser;
  readonly scripted: ScriptedModel;

  private constructor(hub: TestHub, browser: TestBrowser, scripted: ScriptedModel) {
    this.hub = hub;
    this.browser = browser;
    this.scripted = scripted;
  }

  static async start(env: Record<string, string> = {}): Promise<ChatSetup> {
    const scripted = await ScriptedModel.start();
    const home = await mkdtemp(join(tmpdir(), "hearth-test-"));
    await writeFile(
      join(home, "config.json"),
      JSON.stringify({ providers: { script: { urls: [scripted.url], models: ["one", "two"] } } }),
    );
    const [hub, browser] = await Promise.all([TestHub.start({ home, env }), TestBrowser.start()]);
    return new ChatSetup(hub, browser, scripted);
  }

  /** The address of a new conversation with these models. */
  with(...models: string[]): string {
    return `${this.hub.url}/#/chat?model=${models.join(",")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.hub[Symbol.asyncDispose]();
    await this.scripted[Symbol.asyncDispose]();
    await rm(this.hub.home, { recursive: true });
  }
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Prompt", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** What a finished answer shows of how it came. */
export const figures = (page: Page) => page.getByText(/first token after/);

/** What is drawn of an answer; a screen reader is told it once more elsewhere. */
export const said = (page: Page, text: string): Locator => page.getByRole("article").getByText(text);

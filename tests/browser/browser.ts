import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";

/** Debian's Chromium; another one by its path. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const axeSource = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export interface TabOptions {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
}

/** One Chromium for the tests of a file. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(
      await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] }),
    );
  }

  /** A fresh profile with one tab at `url` (`http://…/#/models`). */
  async open(url: string, options: TabOptions = {}): Promise<Tab> {
    const context = await this.#browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      colorScheme: options.colorScheme ?? "light",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(45_000);
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Whether the keys go to it. */
export async function isFocused(place: Locator): Promise<boolean> {
  return (await place.and(place.page().locator(":focus")).count()) === 1;
}

/** A tab that remembers what went wrong in it. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  /** Errors of the console and of scripts, and what was refused by the content security policy. */
  readonly problems: string[] = [];
  /** Addresses of other hosts that the page asked for. */
  readonly foreign: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.problems.push(message.text());
    });
    page.on("pageerror", (error) => this.problems.push(String(error.stack ?? error)));
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") this.foreign.push(request.url());
    });
  }

  /** Fails when the console has errors or something came, or should have come, from elsewhere. */
  expectClean(): void {
    expect(this.problems).toEqual([]);
    expect(this.foreign).toEqual([]);
  }

  /** Fails on what axe finds against WCAG 2.2 A and AA in what is shown now. */
  async expectAccessible(): Promise<void> {
    expect(await this.violations()).toEqual([]);
  }

  /** What axe finds, each with the elements. */
  async violations(): Promise<string[]> {
    // By the debugger's way in: the page's own policy lets no script be added.
    await this.page.evaluate(await readFile(axeSource, "utf8"));
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: Axe };
      const result = await axe.run({
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      });
      return result.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n  ")}`,
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

interface Axe {
  run(options: { runOnly: string[] }): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

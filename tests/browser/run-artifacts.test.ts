import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser, type Tab } from "./browser.ts";
import { mlflow, putArtifact, startRun } from "./logged-run.ts";
import { onePixel, shortSound } from "./small-media.ts";

const evil = "<script>alert(1)</script>";

let hub: TestHub;
let browser: TestBrowser;
let runId: string;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  runId = await startRun(hub, "files");
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** The tab of a file, after it was stored. */
async function openFile(
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
  options: { colorScheme?: "light" | "dark"; width?: number; search?: string } = {},
): Promise<Tab> {
  await putArtifact(hub, runId, path, content);
  const { search = "", ...tab } = options;
  const names = path.split("/").map(encodeURIComponent).join("/");
  return await browser.open(`${hub.url}/#/experiments/0/runs/${runId}/artifacts/${names}${search}`, tab);
}

async function expectDone(tab: Tab): Promise<void> {
  await tab.expectAccessible();
  tab.expectClean();
}

/** Waits until an element has a value that only what it has loaded gives it. */
async function expectProperty(tab: Tab, selector: string, name: string, value: number): Promise<void> {
  const read = () =>
    tab.page.evaluate<number>(`document.querySelector(${JSON.stringify(selector)})?.${name}`);
  await expect.poll(read).toBe(value);
}

describe("the tree", () => {
  test("opens folders, chooses files by mouse and by keyboard, and the address holds the file", async () => {
    const id = await startRun(hub, "tree");
    await using tab = await browser.open(`${hub.url}/#/experiments/0/runs/${id}/artifacts`);
    const { page } = tab;
    await page.getByRole("heading", { name: "No files yet" }).waitFor();
    // They appear as they come.
    await putArtifact(hub, id, "folder/inner/deep.txt", "deep words");
    await putArtifact(hub, id, "top.txt", "top words");
    const tree = page.getByRole("tree", { name: "Artifacts" });
    await tree.getByRole("treeitem", { name: "top.txt" }).click();
    await page.getByText("top words").waitFor();
    expect(page.url()).toContain(`/runs/${id}/artifacts/top.txt`);
    await tree.getByRole("treeitem", { name: "folder", expanded: false }).click();
    await tree.getByRole("treeitem", { name: "inner" }).waitFor();
    await tree.focus();
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "Enter"]) {
      await page.keyboard.press(key);
      if (key === "ArrowRight") await tree.getByRole("treeitem", { name: "deep.txt" }).waitFor();
    }
    await page.getByText("deep words").waitFor();
    expect(page.url()).toContain(`/artifacts/folder/inner/deep.txt`);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await tree.getByRole("treeitem", { name: "deep.txt" }).waitFor({ state: "detached" });
    await expectDone(tab);
  });

  test("MLflow's older addresses lead to the file, whose folders are open", async () => {
    await putArtifact(hub, runId, "model/data/MLmodel", "flavors: {}");
    await using tab = await browser.open(
      `${hub.url}/#/experiments/0/runs/${runId}/artifactPath/model/data/MLmodel`,
    );
    const { page } = tab;
    await page.getByRole("treeitem", { name: "MLmodel", selected: true }).waitFor();
    expect(page.url()).toContain("/artifacts/model/data/MLmodel");
    await page.getByText("flavors").waitFor();
    await expectDone(tab);
  });

  test("10,000 files are a list like any other", async () => {
    const id = await startRun(hub, "many files");
    await putArtifact(hub, id, "many/file-00000.txt", "first");
    const folder = join(hub.home, "artifacts", "0", id, "artifacts", "many");
    const names = Array.from({ length: 10_000 }, (_, index) => `file-${String(index).padStart(5, "0")}.txt`);
    for (let at = 0; at < names.length; at += 500)
      await Promise.all(names.slice(at, at + 500).map((name) => writeFile(join(folder, name), name)));
    await using tab = await browser.open(`${hub.url}/#/experiments/0/runs/${id}/artifacts/many`);
    const { page } = tab;
    const tree = page.getByRole("tree", { name: "Artifacts" });
    await tree.getByRole("treeitem", { name: "file-00003.txt" }).waitFor();
    await tree.focus();
    await page.keyboard.press("End");
    await tree.getByRole("treeitem", { name: "Show more of this folder" }).click();
    await tree.getByRole("treeitem", { name: "file-05000.txt" }).waitFor();
    await page.keyboard.press("End");
    await tree.getByRole("treeitem", { name: "file-09999.txt" }).click();
    await page.getByRole("group", { name: "Text of the file" }).getByText("file-09999.txt").waitFor();
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(80);
    await expectDone(tab);
  });

  test("files at another place are said to be there", async () => {
    const { id } = await hub.client.experiments.create("near");
    const made = await mlflow(hub, "experiments/create", { name: "far", artifact_location: "s3://bucket/a" });
    expect(made).not.toEqual({ experiment_id: id });
    const far = (await hub.client.experiments.list({ search: "far" })).items[0];
    await mlflow(hub, "runs/create", { experiment_id: far?.id, run_name: "elsewhere", start_time: 1 });
    const { items } = await hub.client.runs.search({ experiment_ids: [far?.id ?? ""] });
    await using tab = await browser.open(`${hub.url}/#/runs/${items[0]?.id}`);
    await tab.page.getByRole("tab", { name: "Artifacts" }).click();
    await tab.page.getByRole("alert").getByText("s3://bucket/a").waitFor();
    await tab.expectAccessible();
  });
});

describe("what is in a file", () => {
  test.each(["light", "dark"] as const)("code in colours (%s)", async (colorScheme) => {
    await using tab = await openFile("train.py", `def f():\n    return "${evil}"\n`, { colorScheme });
    const text = tab.page.getByRole("group", { name: "Text of the file" });
    await text.locator("[data-scope=keyword]", { hasText: "def" }).waitFor();
    expect(await text.textContent()).toBe(`1def f():2    return "${evil}"`);
    await expectDone(tab);
  });

  test("JSON folds, and its long numbers stay what they are", async () => {
    const json = '{"id": 12345678901234567890, "deep": {"list": [1, {"last": true}]}}';
    await using tab = await openFile("config.json", json);
    const { page } = tab;
    const value = page.getByRole("group", { name: "Value of the file" });
    await value.getByText("12345678901234567890").waitFor();
    expect(await value.getByText("last").count()).toBe(0);
    await value.getByRole("button", { name: "list" }).click();
    await value.getByRole("button", { name: "1: {1}" }).click();
    await value.getByText("last").waitFor();
    await tab.expectAccessible();
    await page.getByText("Source", { exact: true }).click();
    await page.getByRole("group", { name: "Text of the file" }).waitFor();
    expect(page.url()).toContain("source=true");
    await expectDone(tab);
  });

  test("a table of separated values, its formulas as text", async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => `row ${index},"=HYPERLINK(""http://x"")"`);
    await using tab = await openFile("rows.csv", `name,formula\n${rows.join("\n")}\n`);
    const { page } = tab;
    await page.getByText("The first 1,000 rows, 2 columns").waitFor();
    const table = page.getByRole("group", { name: "Table of the file" });
    await table.getByRole("cell", { name: '=HYPERLINK("http://x")' }).first().waitFor();
    expect(await table.getByRole("columnheader").allTextContents()).toEqual(["name", "formula"]);
    await tab.expectAccessible();
    await table.focus();
    await page.keyboard.press("End");
    await table.getByRole("cell", { name: "row 999", exact: true }).waitFor();
    expect(await table.getByRole("row").count()).toBeLessThan(80);
    expect(await table.getByRole("link").count()).toBe(0);
    await expectDone(tab);
  });

  test("Markdown, of which nothing is loaded or run", async () => {
    const text = `# Title\n\n**bold** ![p](https://elsewhere.example/p.png) ${evil}\n`;
    await using tab = await openFile("report.md", text, { width: 390 });
    const { page } = tab;
    await page.locator("strong", { hasText: "bold" }).waitFor();
    await page.getByText(evil).waitFor();
    expect(await page.locator("img[src*=elsewhere]").count()).toBe(0);
    const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    expect(overflow).toBeLessThanOrEqual(0);
    await expectDone(tab);
  });

  test("a picture; and what is none in spite of its name", async () => {
    await using tab = await openFile("plots/dot.png", onePixel());
    const picture = tab.page.getByRole("img", { name: "dot.png" });
    await picture.waitFor();
    await expectProperty(tab, "img[alt='dot.png']", "naturalWidth", 1);
    await expectDone(tab);
    await using other = await openFile(
      "plots/no.png",
      `<svg xmlns="http://www.w3.org/2000/svg">${evil}</svg>`,
    );
    await other.page.getByText("The browser cannot show it").waitFor();
  });

  test("a sound", async () => {
    await using tab = await openFile("beep.wav", shortSound());
    await expectProperty(tab, "audio", "duration", 1);
    await expectDone(tab);
  });

  test.each([
    ["drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${evil}</svg>`],
    ["page.html", `<!doctype html><body onload="alert(1)">${evil}</body>`],
  ])("%s is text and never runs", async (name, content) => {
    await using tab = await openFile(name, content);
    const { page } = tab;
    await page.getByRole("group", { name: "Text of the file" }).getByText("alert").first().waitFor();
    expect(await page.locator("svg[onload], iframe, object, embed").count()).toBe(0);
    await expectDone(tab);
    // Its own address is a download.
    const href = (await page.getByRole("link", { name: "Download" }).getAttribute("href")) ?? "";
    const { headers } = await fetch(href);
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
    expect(headers.get("content-security-policy")).toContain("sandbox");
  });

  test.each([
    ["weights.safetensors", new Uint8Array(5_000)],
    ["paper.pdf", "%PDF-1.7"],
    ["unnamed", new Uint8Array([77, 90, 0, 0])],
  ])("%s is said to be binary and is downloaded", async (name, content) => {
    await using tab = await openFile(name, content);
    const { page } = tab;
    await page.getByText("This is a binary file").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(name);
    expect(await readFile(await download.path())).toEqual(Buffer.from(content));
    await expectDone(tab);
  });

  test("of a large file only the beginning is fetched", async () => {
    const line = `${"x".repeat(99)}\n`;
    await using tab = await openFile("large.log", line.repeat(50_000));
    const { page } = tab;
    const fetched: string[] = [];
    page.on("response", (response) => {
      if (response.url().endsWith("large.log")) fetched.push(response.headers()["content-length"] ?? "all");
    });
    await page.reload();
    await page.getByText("This is the first 1.0 MB of 5.0 MB").waitFor();
    const text = page.getByRole("group", { name: "Text of the file" });
    await text.focus();
    await page.keyboard.press("End");
    await text.getByText("10000", { exact: true }).waitFor();
    expect(fetched).toEqual(["1000000"]);
    await expectDone(tab);
  });

  test("an empty file, one that changes, and one that is gone", async () => {
    await using tab = await openFile("changing.txt", "");
    const { page } = tab;
    await page.getByText("The file is empty.").waitFor();
    await putArtifact(hub, runId, "changing.txt", "now it has words");
    await page.getByText("now it has words").waitFor();
    const address = `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/changing.txt`;
    await hub.fetch(address, { method: "DELETE" });
    await page.getByRole("heading", { name: "No such file" }).waitFor();
    await expectDone(tab);
  });

  test.each(["50% off?.txt", "a%2Fb.txt", "a b+c&d=e.txt", `<img src=x onerror=alert(1)>.txt`])(
    "a file named %s is shown by its address",
    async (name) => {
      await using tab = await openFile(`odd/${name}`, `words of ${name}`);
      await tab.page.getByRole("heading", { name: `odd/${name}` }).waitFor();
      await tab.page.getByText(`words of ${name}`).waitFor();
      tab.expectClean();
    },
  );

  test("a name that turns its direction shows how; a path that leads out is refused", async () => {
    await using tab = await openFile("invoice\u202Efdp.txt", "words");
    await tab.page.getByRole("heading", { name: "invoice⟨U+202E⟩fdp.txt" }).waitFor();
    await tab.page.getByRole("treeitem", { name: "invoice⟨U+202E⟩fdp.txt" }).waitFor();
    tab.expectClean();
    const out = `${hub.url}/#/experiments/0/runs/${runId}/artifacts/%2e%2e%2f%2e%2e%2fhearth.db`;
    await using other = await browser.open(out);
    await other.page.getByRole("alert").getByText('leads upwards with ".."').first().waitFor();
  });
});

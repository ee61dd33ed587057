import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";
import { startRun } from "./logged-run.ts";

const hostile = "<img src=x onerror=alert(1)>";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

const address = (id: string): string => `${hub.url}/#/experiments/0/runs/${id}`;

test("a run is renamed, described and tagged", async () => {
  const id = await startRun(hub, "before", { team: "red" });
  await using tab = await browser.open(address(id));
  const { page } = tab;
  await page.getByRole("button", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(hostile);
  await tab.expectAccessible();
  await dialog.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { level: 1, name: hostile }).waitFor();

  await page.getByRole("button", { name: "Add a description" }).click();
  const text = "**Why**: ![no](https://elsewhere.example/p.png) <script>alert(1)</script>";
  await dialog.getByRole("textbox", { name: "Markdown" }).fill(text);
  await dialog.getByRole("button", { name: "Save" }).click();
  const description = page.getByRole("region", { name: "Description" });
  await description.locator("strong", { hasText: "Why" }).waitFor();
  expect(await description.textContent()).toContain("<script>alert(1)</script>");
  expect(await page.locator("img[src*=elsewhere]").count()).toBe(0);

  await page.getByRole("button", { name: "Add a tag" }).click();
  await dialog.getByRole("textbox", { name: "Key" }).fill("../up");
  await dialog.getByRole("textbox", { name: "Value" }).fill("1");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").getByText("must not resolve to other names").waitFor();
  await dialog.getByRole("textbox", { name: "Key" }).fill("stage");
  await dialog.getByRole("button", { name: "Save" }).click();
  const tags = page.getByRole("table", { name: "Tags", exact: true });
  await tags.getByRole("row", { name: "stage" }).waitFor();
  await page.getByRole("button", { name: "Edit the tag stage" }).click();
  await dialog.getByRole("textbox", { name: "Value" }).fill("final");
  await dialog.getByRole("button", { name: "Save" }).click();
  await tags.getByText("final").waitFor();
  await page.getByRole("button", { name: "Remove the tag team" }).click();
  await dialog.getByRole("button", { name: "Remove the tag" }).click();
  await tags.getByRole("row", { name: "team" }).waitFor({ state: "detached" });
  const { name, tags: kept } = await hub.client.runs.get(id);
  expect(name).toBe(hostile);
  expect(kept).toMatchObject({ stage: "final", "mlflow.note.content": text });
  expect(kept).not.toHaveProperty("team");
  // What programs say is shown, too, and not edited.
  await page.getByRole("button", { name: /of the system$/ }).click();
  await page
    .getByRole("table", { name: "Tags of the system" })
    .getByRole("row", { name: "mlflow.runName" })
    .waitFor();
  expect(await page.getByRole("button", { name: "Edit the tag mlflow.runName" }).count()).toBe(0);
  await tab.expectAccessible();
  // The refusal of the key is the only thing that went wrong.
  expect(tab.problems).toEqual([expect.stringContaining("400")]);
});

test("a run is deleted and restored, here and elsewhere", async () => {
  const id = await startRun(hub, "short-lived");
  await using tab = await browser.open(address(id));
  const { page } = tab;
  const banner = page.getByRole("alert").filter({ hasText: "This run is deleted" });
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: "Delete short-lived?" }).getByText("It is still running").waitFor();
  await tab.expectAccessible();
  expect((await hub.client.runs.get(id)).lifecycle_stage).toBe("active");
  await page.getByRole("button", { name: "Delete the run" }).click();
  await banner.waitFor();
  expect((await hub.client.runs.get(id)).lifecycle_stage).toBe("deleted");
  expect(await page.getByRole("button", { name: "Add a tag" }).count()).toBe(0);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("button", { name: "Restore the run" }).click();
  await banner.waitFor({ state: "detached" });
  expect((await hub.client.runs.get(id)).lifecycle_stage).toBe("active");
  // Somebody else deletes it while it is looked at.
  await hub.client.runs.removeAll([id]);
  await banner.waitFor();
  tab.expectClean();
});

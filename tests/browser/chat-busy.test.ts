import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";

let chat: ChatSetup;
beforeAll(async () => {
  chat = await ChatSetup.start();
});
afterAll(() => chat[Symbol.asyncDispose]());

/** What a hub says whose waiting room is full: the page sees this on the wire. */
const full = (seconds: number) => ({
  status: 429,
  headers: { "retry-after": String(seconds) },
  contentType: "application/json",
  body: JSON.stringify({
    error: {
      code: "rate_limited",
      message: `8 of your requests wait already. Try again in ${seconds} s.`,
      details: {},
    },
  }),
});
const turns = "**/api/chat";

test("a model that is busy is asked again after the pause that it asks for", async () => {
  chat.scripted.scripts.set("rush", {
    text: "",
    refusal: { status: 503, message: "warming up", retryAfter: 2 },
  });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "rush");
  const card = page.getByRole("article");
  await card.getByText("The hub is busy").waitFor();
  await card.getByRole("status").getByText("warming up").waitFor();
  await card.getByRole("timer").getByText("Asks again in 1 s").waitFor();
  chat.scripted.scripts.set("rush", { text: "Now there is time." });
  await card.getByText("Now there is time.").waitFor();
  expect(await card.getByText("The hub is busy").count()).toBe(0);
  expect(tab.foreign).toEqual([]);
});

test("a full waiting room counts down; nobody has to wait for it", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await page.route(turns, (route) => route.fulfill(full(90)));
  await say(page, "hurry");
  const timer = page.getByRole("timer");
  await timer.getByText("Asks again in 90 s").waitFor();
  await timer.getByText("Asks again in 89 s").waitFor();
  await page.getByText("8 of your requests wait already. Try again in 90 s.").waitFor();
  await tab.expectAccessible();
  await page.unroute(turns);
  await page.getByRole("button", { name: "Ask now" }).click();
  await said(page, "You said: hurry").waitFor();
  await figures(page).waitFor();
});

test("a pause is stopped as an answer is", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await page.route(turns, (route) => route.fulfill(full(90)));
  await say(page, "never mind");
  await page.getByRole("timer").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("stopped", { exact: true }).waitFor();
  expect(await page.getByRole("timer").count()).toBe(0);
});

test("a pause that is too long to wait for by itself is told, and asked again by hand", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await page.route(turns, (route) => route.fulfill(full(3600)));
  await say(page, "an hour");
  const alert = page.getByRole("alert");
  await alert.getByText("Try again in 3600 s.").waitFor();
  await page.unroute(turns);
  await alert.getByRole("button", { name: "Try again" }).click();
  await said(page, "You said: an hour").waitFor();
});

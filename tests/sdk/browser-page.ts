import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";

const entry = fileURLToPath(new URL("../../packages/sdk/src/tracking/index.ts", import.meta.url));

/** What a browser has of what the SDK uses; nothing of Node's. */
const web = {
  AbortController,
  AbortSignal,
  Blob,
  DOMException,
  ReadableStream,
  Request,
  Response,
  TextEncoder,
  URL,
  URLSearchParams,
  btoa,
  clearInterval,
  clearTimeout,
  console,
  crypto,
  fetch,
  navigator: { userAgent: "a browser" },
  performance,
  // A browser's timers are numbers.
  setInterval: (call: () => void, ms: number) => Number(setInterval(call, ms)),
  setTimeout: (call: () => void, ms: number) => Number(setTimeout(call, ms)),
};

const page = `(async () => {
  const { configureTracking, currentRun, flush, loadModel, searchRuns, setAlias, startRun, track } = sdk;
  configureTracking({ url, experiment: "browser" });
  const double = track(function double(n) { return n * 2; });
  const seen = {};
  await startRun({ name: "page" }, async (run) => {
    seen.inside = currentRun() === run;
    seen.doubled = double(21);
    run.logMetric("loss", 0.5);
    await run.logArtifact({ path: "note.txt", content: "from a page" });
    await run.logModel({ name: "m", files: { path: "w.txt", content: "weights" }, registerAs: "browser-model" });
  });
  await flush();
  await setAlias("browser-model", "champion", 1);
  const model = await loadModel("browser-model", "champion");
  const file = model.files.find(({ path }) => path === "w.txt");
  seen.folder = model.folder;
  seen.weights = await (await file.open()).text();
  seen.runs = [];
  for await (const run of searchRuns()) seen.runs.push(run.name);
  return JSON.stringify(seen);
})()`;

/** The SDK as one script for a page. */
export async function bundleForBrowsers(): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    logLevel: "warn",
    // A script has no address of its own; the one use is Node's.
    transform: { define: { "import.meta.url": "''" } },
  });
  const { output } = await bundle.generate({ format: "iife", name: "sdk" });
  return output[0].code;
}

/** Records a run in a world with a browser's globals and none of Node's; returns what the page saw. */
export async function recordInPage(code: string, url: string): Promise<unknown> {
  const context = createContext({ ...web, url });
  runInContext(code, context);
  return JSON.parse((await runInContext(page, context)) as string);
}

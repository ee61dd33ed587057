import { mkdtemp, rm } from "node:fs/promises";
import type { RequestOptions } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InstantProvider } from "./chat/provider.ts";
import { quantile, takeTurn, type SeenTurn } from "./chat/turns.ts";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";
import { processorMs } from "./serving/cost.ts";
import { eventLoopDelay, RunningHub } from "./serving/hub.ts";
import { limited } from "./serving/rows.ts";

const streams = 8;

/** What is measured of each turn, the hub's way beside the sidecar's own. */
interface Pair {
  direct: SeenTurn;
  through: SeenTurn;
}

/**
 * What the hub adds to a turn of the chat: the same turns, answered at once by a scripted provider, to the sidecar itself
 * and through the hub, in turn. Each turn through the hub begins a conversation, keeps prompt and answer, and has the
 * prompt on disk before its first byte.
 */
export async function benchChat({
  runs,
  quick = false,
  profile,
}: Pick<BenchOptions, "runs" | "quick" | "profile">): Promise<BenchReport> {
  if (process.platform === "win32")
    return { bench: "chat", machine: describeMachine(), rows: [], notes: ["not measured on Windows"] };
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-"));
  try {
    await using provider = await InstantProvider.start();
    await using hub = await RunningHub.start(join(folder, "home"), 1, {
      HEARTH_CHAT_RATE_LIMIT: "0",
      ...(profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profile)}` }),
    });
    const { hostname, port } = hub.url;
    const places = {
      direct: { socketPath: join(folder, "home", "chat.sock") },
      through: { host: hostname, port },
    };
    await configure(hub.url, provider.url);
    const pair = pairs(places);
    // The first turn starts the sidecar; the next ones are compiled.
    await takeTurn(places.through, turnOf("warm", "short"));
    for (let turn = 0; turn < (quick ? 50 : 200); turn += 1) await pair("short");

    const seen: Pair[][] = [];
    const cost: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const list: Pair[] = [];
      const before = processorMs(hub.pid);
      const turns = quick ? 100 : 500;
      for (let turn = 0; turn < turns; turn += 1) list.push(await pair("short"));
      if (process.platform === "linux") cost.push((processorMs(hub.pid) - before) / turns);
      seen.push(list);
    }
    const rows: BenchRow[] = [
      ...added("first byte", seen, ({ firstByte }) => [firstByte]),
      ...added("turn, to its last event", seen, ({ done }) => [done]),
      ...added("turn, to where the database has it", seen, ({ closed }) => [closed], {}),
      ...(cost.length === 0
        ? []
        : [
            limited(
              "hub's own processor time per turn, its keeping included",
              "ms",
              cost,
              "≤ 4",
              (value) => value <= 4,
            ),
          ]),
    ];
    const paced: Pair[][] = [];
    for (let run = 0; run < runs; run += 1) paced.push([await pair(`paced ${quick ? 200 : 500} 10`)]);
    rows.push(...added("piece on its way", paced, ({ ways }) => ways, { 0.5: 1 }));

    const delays: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const prompt = `paced ${quick ? 200 : 1000} 10`;
      await Promise.all(
        Array.from({ length: streams }, (_, stream) =>
          takeTurn(places.through, turnOf(`crowd-${run}-${stream}`, prompt)),
        ),
      );
      delays.push(await eventLoopDelay(hub.client));
    }
    rows.push(
      limited(
        `hub's event loop delay, ${streams} streams, p99`,
        "ms",
        delays,
        "≤ 20",
        (value) => value <= 20,
      ),
    );
    return {
      bench: "chat",
      machine: describeMachine(),
      rows,
      notes: [
        "provider and client run in one process on the same cores as hub and sidecar",
        `added: of quantiles of the hub's way, less those of the sidecar's own; ${streams} streams of 100 pieces a second each`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function configure(hub: URL, baseURL: string): Promise<void> {
  const answer = await fetch(new URL("/api/chat/config", hub), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      providers: [{ id: "instant", baseURL, models: [{ id: "one" }] }],
      settings: { defaultProviderId: "instant" },
    }),
  });
  if (!answer.ok) throw new Error(`the chat could not be set up: ${await answer.text()}`);
}

function turnOf(session: string, text: string): object {
  return {
    sessionId: session,
    answerId: `answer-${session}`,
    messages: [{ id: `prompt-${session}`, role: "user", parts: [{ type: "text", text }] }],
    settings: { tools: "none" },
  };
}

/** One turn each way, in an order that changes. */
function pairs(places: Record<keyof Pair, RequestOptions>): (prompt: string) => Promise<Pair> {
  let count = 0;
  return async (prompt) => {
    count += 1;
    const turn = turnOf(`s${count}`, prompt);
    if (count % 2 === 0) {
      const direct = await takeTurn(places.direct, turn);
      return { direct, through: await takeTurn(places.through, turn) };
    }
    const through = await takeTurn(places.through, turn);
    return { direct: await takeTurn(places.direct, turn), through };
  };
}

/** What the hub adds at p50 and at p99, of each run by itself. */
function added(
  what: string,
  runs: readonly Pair[][],
  read: (turn: SeenTurn) => number[],
  most: Readonly<Record<number, number>> = { 0.5: 0.7, 0.99: 3 },
): BenchRow[] {
  return [0.5, 0.99].map((part) => {
    const of = (list: readonly Pair[], who: keyof Pair): number =>
      quantile(
        list.flatMap((pair) => read(pair[who])),
        part,
      );
    const samples = {
      sidecar: runs.map((list) => of(list, "direct")),
      "through the hub": runs.map((list) => of(list, "through")),
      added: runs.map((list) => of(list, "through") - of(list, "direct")),
    };
    const limit = most[part];
    const value = median(samples.added);
    return {
      name: `${what}, p${part * 100}`,
      unit: "ms",
      values: Object.fromEntries(Object.entries(samples).map(([who, list]) => [who, median(list)])),
      samples,
      ...(limit === undefined ? {} : { target: `added ≤ ${limit}`, held: value <= limit }),
    };
  });
}

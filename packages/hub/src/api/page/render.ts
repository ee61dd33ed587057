import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { Trace } from "@hearth/wire/hub/inference";
import type { HubStatus } from "@hearth/wire/hub/status";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { html, raw } from "hono/html";
import { bytes, duration, figure, moment, percent, short } from "./format.ts";
import type { ShownModel } from "./page.ts";
import { style } from "./style.ts";

export interface PageContent {
  status: HubStatus;
  models: ShownModel[];
  modelsTotal: number;
  evaluations: Evaluation[];
  traces: Trace[];
}

type Html = ReturnType<typeof html>;

const refreshSeconds = 5;
/** Exactly the bytes that the content security policy has the hash of. */
const styleElement = `<style>${style}</style>`;

/** The whole page. Every value goes through the template's escaping; only the style sheet is raw. */
export async function renderPage(content: PageContent): Promise<string> {
  const { status } = content;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="${refreshSeconds}" />
        <title>Hearth</title>
        ${raw(styleElement)}
      </head>
      <body>
        <main>
          <header>
            <h1><span>Hearth</span></h1>
            <p>
              ${status.url} · version ${status.version} · up ${duration(status.uptime_seconds)} ·
              <span class="${status.status === "ok" ? "ok" : "bad"}">${status.status}</span>
            </p>
          </header>
          ${figures(status)} ${training(status)} ${models(content)} ${engines(status)}
          ${evaluations(content.evaluations)} ${traces(content.traces)}
          <p class="soft">
            OpenAI base URL <code>${status.url}/v1</code> · <a href="/openapi.json">openapi.json</a> ·
            <a href="/metrics">metrics</a>
          </p>
        </main>
      </body>
    </html>`;
  return String(await page);
}

function figures({ memory, machine, inference, jobs }: HubStatus): Html {
  const rows: [string, string][] = [
    ["Models' memory", `${bytes(memory.used_bytes)} of ${bytes(memory.budget_bytes)}`],
    ["Hub's memory", bytes(memory.hub_bytes)],
    [
      "Machine's free memory",
      `${bytes(machine.memory_available_bytes)} of ${bytes(machine.memory_total_bytes)}`,
    ],
    ["Load", `${figure(machine.load_average[0])} on ${machine.cores} cores`],
    ["Answers", `${inference.active} active, ${inference.queued} waiting`],
    ["Jobs", `${jobs.running} running, ${jobs.queued} queued`],
  ];
  return html`<section>
    <dl class="figures">
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function training({ running_job, queued_jobs }: HubStatus): Html {
  return html`<section>
    <h2>Training</h2>
    ${running_job === null ? html`<p class="soft">No job is running.</p>` : runningJob(running_job)}
    ${queued_jobs.map((job) => html`<p class="soft">Queued: ${job.model}:${job.version} on ${job.dataset} (<code>${short(job.id)}</code>)</p>`)}
  </section>`;
}

function runningJob(job: TrainingJob): Html {
  const progress = job.progress;
  if (progress === null) return html`<p>${job.model}:${job.version} on ${job.dataset}: starting</p>`;
  const left = progress.seconds_left === null ? "" : ` · ${duration(progress.seconds_left)} left`;
  return html`<p>
      ${job.model}:${job.version} on ${job.dataset}: ${progress.phase}, step ${progress.step} of
      ${progress.steps} · loss ${figure(progress.first_loss)} → ${figure(progress.loss)} ·
      ${figure(progress.tokens_per_second)} tokens/s${left}
    </p>
    <progress max="${Math.max(1, progress.steps)}" value="${progress.step}"></progress>`;
}

function models({ models: shown, modelsTotal }: PageContent): Html {
  if (shown.length === 0)
    return html`<section>
      <h2>Models</h2>
      <p class="soft">None yet.</p>
    </section>`;
  const rows = shown.flatMap(({ model, versions }) =>
    versions.items.map(
      (version) =>
        html`<tr>
          <td>
            ${model.name}:${version.version}
            ${version.aliases.map((alias) => html`<span class="tag">${alias}</span> `)}
          </td>
          <td
            class="${version.status === "ready" ? "ok" : version.status === "failed" ? "bad" : "soft"}"
            title="${version.error?.message ?? ""}"
          >
            ${version.status}
          </td>
          <td>${version.kind}</td>
          <td>${version.metrics["accuracy"] === undefined ? "–" : percent(version.metrics["accuracy"])}</td>
          <td><code title="${version.sha256 ?? ""}">${short(version.sha256)}</code></td>
          <td class="soft">${version.lineage.dataset?.name ?? ""}</td>
          <td class="soft">${moment(version.created_at)}</td>
        </tr>`,
    ),
  );
  const more =
    modelsTotal > shown.length ? html`<p class="soft">${modelsTotal - shown.length} more models.</p>` : "";
  return html`<section>
    <h2>Models</h2>
    <table>
      <thead>
        <tr>
          <th>Version</th>
          <th>Status</th>
          <th>Kind</th>
          <th>Accuracy</th>
          <th>sha256</th>
          <th>Data</th>
          <th>Created (UTC)</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${more}
  </section>`;
}

function engines({ engines: loaded }: HubStatus): Html {
  if (loaded.length === 0)
    return html`<section>
      <h2>Engines</h2>
      <p class="soft">No model is loaded.</p>
    </section>`;
  return html`<section>
    <h2>Engines</h2>
    <table>
      <thead>
        <tr>
          <th>Model</th>
          <th>Process</th>
          <th>Memory</th>
          <th>Active</th>
          <th>Adapters</th>
        </tr>
      </thead>
      <tbody>
        ${loaded.map(
          (engine) =>
            html`<tr>
              <td>${engine.base}</td>
              <td>${engine.pid}</td>
              <td>${bytes(engine.memory_bytes)}</td>
              <td>${engine.active}</td>
              <td>${engine.adapters}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function evaluations(list: readonly Evaluation[]): Html {
  if (list.length === 0)
    return html`<section>
      <h2>Evaluations</h2>
      <p class="soft">None yet.</p>
    </section>`;
  return html`<section>
    <h2>Evaluations</h2>
    <table>
      <thead>
        <tr>
          <th>Version</th>
          <th>Split</th>
          <th>Rows</th>
          <th>Metrics</th>
          <th>When (UTC)</th>
        </tr>
      </thead>
      <tbody>
        ${list.map(
          (item) =>
            html`<tr>
              <td>${item.model}:${item.version}</td>
              <td>${item.split}</td>
              <td>${item.rows}</td>
              <td>
                ${Object.entries(item.metrics).map(([name, value]) => html`<span class="soft">${name}</span> ${figure(value)} `)}
              </td>
              <td class="soft">${moment(item.created_at)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function traces(list: readonly Trace[]): Html {
  if (list.length === 0)
    return html`<section>
      <h2>Answers</h2>
      <p class="soft">None yet.</p>
    </section>`;
  return html`<section>
    <h2>Answers</h2>
    <table>
      <thead>
        <tr>
          <th>When (UTC)</th>
          <th>Endpoint</th>
          <th>Version</th>
          <th>Made by</th>
          <th>Run</th>
          <th>Tokens</th>
          <th>First token</th>
          <th>Total</th>
          <th>End</th>
        </tr>
      </thead>
      <tbody>
        ${list.map(
          (item) =>
            html`<tr>
              <td class="soft">${moment(item.created_at)}</td>
              <td>${item.endpoint}</td>
              <td>${item.model}:${item.version}</td>
              <td><code title="${item.artifact_sha256 ?? ""}">${short(item.artifact_sha256)}</code></td>
              <td><code>${short(item.run_id)}</code></td>
              <td>${figure(item.prompt_tokens)} + ${figure(item.completion_tokens)}</td>
              <td>${figure(item.ttft_ms)} ms</td>
              <td>${figure(item.latency_ms)} ms</td>
              <td class="${item.status === "ok" ? "ok" : "bad"}">
                ${item.error_code ?? item.finish_reason ?? item.status}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

import { page, type Page } from "@hearth/wire/hub/common";
import {
  evaluation,
  evaluationComparison,
  evaluationEvent,
  evaluationRows,
  type Evaluation,
  type EvaluationComparison,
  type evaluationRequest,
  type EvaluationRows,
  evaluationRowsQuery,
} from "@hearth/wire/hub/evaluation";
import type { z } from "zod";
import { HearthApiError, UnexpectedAnswer } from "./errors.ts";
import { parseEvent } from "./parse-event.ts";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

const evaluationPage = page(evaluation);

export interface EvaluateOptions extends CallOptions {
  /** Rows done, rows in all. */
  onProgress?: (done: number, total: number) => void;
}

export interface ListEvaluationsOptions extends ListOptions {
  /** Of this version only. */
  versionId?: string | undefined;
}

/** Evaluations of versions on data sets. */
export class EvaluationsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Evaluates; resolves when every row is answered. Aborting ends the work on the hub too. */
  async run(request: z.input<typeof evaluationRequest>, options: EvaluateOptions = {}): Promise<Evaluation> {
    const path = "/evaluations";
    const events = this.transport.events("POST", path, { ...callOptions(options), body: request });
    for await (const raw of events) {
      const event = parseEvent(evaluationEvent, raw, path);
      if (event.type === "progress") options.onProgress?.(event.done, event.total);
      else if (event.type === "result") return event.evaluation;
      else throw new HearthApiError(200, event.error.code, event.error.message, event.error.details);
    }
    throw new UnexpectedAnswer(path, 200, "a stream that ended early; the hub may have stopped");
  }

  list(options: ListEvaluationsOptions = {}): Promise<Page<Evaluation>> {
    const { versionId: version_id, ...page } = options;
    return this.transport.json(evaluationPage, "GET", "/evaluations", {
      ...page,
      query: { ...pageQueryOf(page), version_id },
    });
  }

  get(id: string, options: CallOptions = {}): Promise<Evaluation> {
    return this.transport.json(evaluation, "GET", `/evaluations/${segment(id)}`, options);
  }

  /** A part of its rows, of all or of those that were answered right or wrong, or could not be measured. */
  rows(
    id: string,
    { signal, ...query }: CallOptions & z.input<typeof evaluationRowsQuery> = {},
  ): Promise<EvaluationRows> {
    const { only, offset, limit } = evaluationRowsQuery.parse(query);
    return this.transport.json(evaluationRows, "GET", `/evaluations/${segment(id)}/rows`, {
      ...(signal === undefined ? {} : { signal }),
      query: { only, offset, limit },
    });
  }

  /** What the other is ahead of the one by, on the same rows, with paired confidence intervals. */
  compare(id: string, other: string, options: CallOptions = {}): Promise<EvaluationComparison> {
    const path = `/evaluations/${segment(id)}/compare/${segment(other)}`;
    return this.transport.json(evaluationComparison, "GET", path, options);
  }
}

function callOptions(options: EvaluateOptions): CallOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}

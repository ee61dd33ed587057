import type ort from "onnxruntime-node";
import type { Graph } from "../graph/graph.ts";
import { nextName } from "../model/adamw.ts";
import type { BatchShape, ModelPlan } from "../model/graphs.ts";
import { evaluationGraph, gradientGraph, logitsGraph, stepGraph, updateGraph } from "../model/graphs.ts";
import type { ProgramSpec } from "../program.ts";
import { openSession } from "./session.ts";

/** For finding out where the time goes. */
export interface Diagnostics {
  /** Start of the name of a file that gets the time of every operator when a session closes. */
  readonly profilePrefix?: string;
}

export type SessionKind = "step" | "gradient" | "update" | "evaluation" | "logits" | "prediction";

/** The compiled graphs of one program, each opened when it is asked for first: one for every length of batches. */
export class Sessions implements AsyncDisposable {
  readonly #spec: ProgramSpec;
  readonly #plan: ModelPlan;
  readonly #diagnostics: Diagnostics;
  readonly #open = new Map<string, Promise<ort.InferenceSession>>();
  #closed = false;

  constructor(spec: ProgramSpec, plan: ModelPlan, diagnostics: Diagnostics) {
    this.#spec = spec;
    this.#plan = plan;
    this.#diagnostics = diagnostics;
  }

  /** @param shape the program's longest batch when absent */
  get(kind: SessionKind, shape: BatchShape = this.#longest): Promise<ort.InferenceSession> {
    if (this.#closed) throw new Error("the program is closed");
    const key = `${kind} ${shape.sequenceLength} ${shape.packed === true}`;
    let session = this.#open.get(key);
    if (session === undefined) {
      const graph = this.#graph(kind, shape);
      const deviceOutputs = [...graph.outputs.keys()].filter((name) => name.startsWith(nextName("")));
      session = openSession(graph, {
        provider: this.#spec.provider,
        threads: this.#spec.threads,
        deviceOutputs,
        ...this.#diagnostics,
      });
      this.#open.set(key, session);
    }
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of this.#open.values()) {
      const session = await pending;
      if (this.#diagnostics.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    }
  }

  get #longest(): BatchShape {
    const { batchSize, sequenceLength } = this.#spec;
    return { batchSize, sequenceLength, scored: batchSize * sequenceLength };
  }

  #graph(kind: SessionKind, shape: BatchShape): Graph {
    switch (kind) {
      case "step":
        return stepGraph(this.#plan, shape, this.#spec.optimizer);
      case "gradient":
        return gradientGraph(this.#plan, shape, { sums: this.#spec.accumulate > 1 });
      case "update":
        return updateGraph(this.#plan, this.#spec.optimizer);
      case "evaluation":
        return evaluationGraph(this.#plan, shape);
      case "logits":
        return logitsGraph(this.#plan, this.#spec.sequenceLength);
      case "prediction":
        return logitsGraph(this.#plan, shape.sequenceLength, shape.scored);
    }
  }
}

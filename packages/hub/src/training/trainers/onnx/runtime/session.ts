import ort from "onnxruntime-node";
import type { Graph } from "../graph/graph.ts";
import { cpuLowering } from "../graph/lowering/cpu.ts";
import { lower } from "../graph/lowering/lowering.ts";
import { webgpuLowering } from "../graph/lowering/webgpu.ts";

/** Where ONNX Runtime computes. */
export type Provider = "cpu" | "webgpu";

export interface SessionOptions {
  provider: Provider;
  /** Threads of the CPU provider's operators. */
  threads: number;
  /** Outputs that stay on the device (WebGPU only). */
  deviceOutputs?: readonly string[];
  /** File name prefix of an operator profile; none when absent. */
  profilePrefix?: string;
}

/** Raised when the graph of a step comes to compute other bits from the same inputs. */
const graph = 3;

/** What decides the exact numbers; recorded with a trained version. */
export const numericSettings = {
  engine: "onnxruntime-node",
  cpu: { graph, optimisation: "all", prepacking: false, execution: "sequential" },
  webgpu: { graph, optimisation: "basic", prepacking: false, execution: "sequential" },
} as const;

/**
 * Lowers a graph for a provider and loads it. Every option that changes results is pinned, so
 * that equal inputs give equal bits, run to run and on any number of threads.
 *
 * @throws the runtime's own error for a graph that it refuses, and on WebGPU for a graph of which
 *   any part would silently run on the CPU
 */
export async function openSession(graph: Graph, options: SessionOptions): Promise<ort.InferenceSession> {
  const gpu = options.provider === "webgpu";
  const model = lower(graph, gpu ? webgpuLowering : cpuLowering);
  const onDevice = options.deviceOutputs ?? [];
  return ort.InferenceSession.create(model, {
    executionProviders: [options.provider],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: gpu ? "basic" : "all",
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...(options.profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
    ...(gpu && onDevice.length > 0
      ? { preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, "gpu-buffer" as const])) }
      : {}),
    extra: {
      // would keep what the backward pass is to compute again alive since the forward pass
      optimization: { disable_specified_optimizers: "CommonSubexpressionElimination" },
      session: {
        // Between two operators the threads wait awake, which is most of the speed; between two runs
        // they sleep: those of other sessions (one a batch length) would take the cores from this one.
        "intra_op.allow_spinning": "1",
        force_spinning_stop: "1",
        disable_prepacking: "1",
        ...(gpu ? { disable_cpu_ep_fallback: "1" } : {}),
      },
    },
  });
}

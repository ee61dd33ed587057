import { chatConfigSettings, chatModel } from "@hearth/wire/chat/config";
import { hubTool } from "@hearth/wire/chat/tools";
import { z } from "zod";

/** A provider with its key: between hub and sidecar only, never on disk, in an environment or in a log. */
export const sidecarProvider = z.object({
  id: z.string(),
  name: z.string(),
  type: z.enum(["openai", "anthropic", "openai-compatible"]),
  baseURL: z.string().nullable(),
  apiKey: z.string().nullable(),
  /** What a message says where a key is named and not there: `OPENAI_API_KEY`. */
  missingKey: z.string().nullable(),
  /** What to do about that, where it is more than setting it. */
  keyHelp: z.string().optional(),
  models: z.array(chatModel),
});
export type SidecarProvider = z.infer<typeof sidecarProvider>;

/** Everything that a sidecar knows; sent at its start and whenever it changes. Turns that run keep what they had. */
export const sidecarSettings = z.object({
  /** The hub that started it: provider `hearth`, and where tools run. */
  hubUrl: z.string(),
  hubKey: z.string().nullable(),
  providers: z.array(sidecarProvider),
  settings: chatConfigSettings,
  /** How long a provider may say nothing: before its first token, and in the middle of an answer. */
  limits: z.object({ firstChunkMs: z.int().min(1), stalledMs: z.int().min(1) }),
  tools: z.array(hubTool),
});
export type SidecarSettings = z.infer<typeof sidecarSettings>;

/** From the hub to the sidecar. */
export const toSidecar = z.discriminatedUnion("type", [
  z.object({ type: z.literal("configure"), settings: sidecarSettings }),
  /** Take no new turn, end when the last one has ended. */
  z.object({ type: z.literal("drain") }),
]);
export type ToSidecar = z.infer<typeof toSidecar>;

/** Where a sidecar listens. */
export const sidecarAddress = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("socket"), path: z.string() }),
  z.object({ kind: z.literal("pipe"), path: z.string() }),
  z.object({ kind: z.literal("http"), url: z.string() }),
]);
export type SidecarAddress = z.infer<typeof sidecarAddress>;

/** From the sidecar to the hub: `ready` once it listens and has been configured. */
export const fromSidecar = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), address: sidecarAddress }),
]);
export type FromSidecar = z.infer<typeof fromSidecar>;

/** How a sidecar is to listen, as JSON in its first argument. */
export const listenOptions = z.discriminatedUnion("transport", [
  z.object({ transport: z.literal("socket"), path: z.string() }),
  z.object({ transport: z.literal("pipe"), path: z.string() }),
  /** On 127.0.0.1; port 0 lets the system choose. The port file, where named, is written when it listens. */
  z.object({
    transport: z.literal("http"),
    port: z.int().min(0).max(65_535),
    portFile: z.string().nullable(),
  }),
]);
export type ListenOptions = z.infer<typeof listenOptions>;

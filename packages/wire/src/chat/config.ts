import { z } from "zod";

export const chatModel = z.object({
  id: z.string().min(1),
  name: z.string().min(1).optional(),
  maxTokens: z.int().min(1).optional(),
  default: z.boolean().optional(),
});

/** Where a key comes from; a key itself is never written down. */
export const keySource = z
  .string()
  .regex(
    /^(\$\{[A-Z_][A-Z0-9_]*\}|keyring:[\w.@-]{1,100})$/,
    "${NAME} of an environment variable, or keyring:NAME; keys themselves do not belong in a file",
  );

/** The hub itself; always there, and not in the file. */
export const hubProviderId = "hearth";

const providerId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "1 to 64 of a-z, 0-9, '.', '_', '-'");

/** One provider of `chat.config.json`. `openai` and `anthropic` are known by their ids; others need `baseURL`. */
export const chatProvider = z.object({
  id: providerId,
  name: z.string().min(1).optional(),
  type: z.enum(["openai", "anthropic", "openai-compatible"]).optional(),
  baseURL: z.url({ protocol: /^https?$/ }).optional(),
  apiKey: keySource.optional(),
  models: z.array(chatModel).default([]),
});
export type ChatProvider = z.infer<typeof chatProvider>;

export const chatConfigSettings = z.object({
  /** Rounds of answer and tools in one turn. */
  maxSteps: z.int().min(1).max(50).default(10),
  defaultProviderId: z.string().optional(),
  defaultModelId: z.string().optional(),
});

/** `chat.config.json` in the home folder. */
export const chatConfigFile = z
  .object({
    version: z.literal("1.0").default("1.0"),
    providers: z.array(chatProvider).default([]),
    settings: chatConfigSettings.prefault({}),
  })
  .superRefine(({ providers, settings }, context) => {
    const ids = new Set<string>([hubProviderId]);
    for (const [index, { id, type, baseURL }] of providers.entries()) {
      if (ids.has(id))
        context.addIssue({
          code: "custom",
          path: ["providers", index, "id"],
          message: id === hubProviderId ? `"${id}" is the hub itself` : `"${id}" is there twice`,
        });
      ids.add(id);
      const known = type ?? id;
      if (known !== "openai" && known !== "anthropic" && baseURL === undefined)
        context.addIssue({
          code: "custom",
          path: ["providers", index, "baseURL"],
          message: "is needed for a server that is neither openai nor anthropic",
        });
    }
    if (settings.defaultProviderId !== undefined && !ids.has(settings.defaultProviderId))
      context.addIssue({
        code: "custom",
        path: ["settings", "defaultProviderId"],
        message: `"${settings.defaultProviderId}" is no provider of this file`,
      });
  });
export type ChatConfigFile = z.infer<typeof chatConfigFile>;

/** As `GET /chat/config` tells it: whether there is a key, never which. The first provider is the hub. */
export const chatConfig = z.object({
  version: z.literal("1.0"),
  providers: z.array(
    chatProvider.omit({ apiKey: true }).extend({
      name: z.string(),
      hasApiKey: z.boolean(),
      /** `${OPENAI_API_KEY}` or `keyring:openai`; null where none is named. */
      keySource: z.string().nullable(),
    }),
  ),
  settings: chatConfigSettings,
  /** The file that is read. */
  path: z.string(),
  /** Why the file as it is now is not in force; the last good one is. */
  error: z.string().nullable(),
  /** Of the sidecars. */
  service: z.object({
    state: z.enum(["off", "idle", "starting", "up", "down"]),
    error: z.string().nullable(),
    /** Seconds until the next attempt; null unless it is down. */
    retry_after: z.int().nullable(),
    sidecars: z.array(
      z.object({ pid: z.int().nullable(), state: z.string(), active: z.int(), restarts: z.int() }),
    ),
  }),
});
export type ChatConfig = z.infer<typeof chatConfig>;

export const validateConfigResponse = z.object({
  valid: z.boolean(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
});

import { z } from "zod";

export const chatModel = z.object({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200).optional(),
  maxTokens: z.int().min(1).optional(),
  default: z.boolean().optional(),
});

/** Where a key comes from; a key itself is never written down. */
export const keySource = z
  .string()
  .regex(
    /^(\$\{[A-Za-z_]\w{0,199}\}|keyring:\w[\w.@-]{0,99})$/,
    "${NAME} of an environment variable, or keyring:NAME; keys themselves do not belong in a file",
  );

/** The hub itself; always there, and not in the file. */
export const hubProviderId = "hearth";

const providerId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "1 to 64 of a-z, 0-9, '.', '_', '-'");

/** Where a provider is; what it carries of a secret would be shown to everybody, and is refused. */
const providerUrl = z
  .url({ protocol: /^https?$/, error: "an http:// or https:// address" })
  .max(2000)
  .refine(
    (value) => {
      // What is no address was refused above; this one is asked all the same.
      if (!URL.canParse(value)) return true;
      const { username, password, search, hash } = new URL(value);
      return username === "" && password === "" && search === "" && hash === "";
    },
    { error: "an address without user, password, query or fragment: they may hold a key" },
  );

/** One provider of `chat.config.json`. `openai` and `anthropic` are known by their ids; others need `baseURL`. */
export const chatProvider = z.strictObject({
  id: providerId,
  name: z.string().min(1).max(200).optional(),
  type: z.enum(["openai", "anthropic", "openai-compatible"]).optional(),
  baseURL: providerUrl.optional(),
  apiKey: keySource.optional(),
  models: z.array(z.strictObject(chatModel.shape)).max(1000).default([]),
});
export type ChatProvider = z.infer<typeof chatProvider>;

export const chatConfigSettings = z.object({
  /** Rounds of answer and tools in one turn. */
  maxSteps: z.int().min(1).max(50).default(10),
  defaultProviderId: z.string().max(64).optional(),
  defaultModelId: z.string().max(200).optional(),
});

/** `chat.config.json` in the home folder. What it does not know is refused: a misspelt `apiKey` may hold a key. */
export const chatConfigFile = z
  .strictObject({
    version: z.literal("1.0").default("1.0"),
    providers: z.array(chatProvider).max(100).default([]),
    settings: z.strictObject(chatConfigSettings.shape).prefault({}),
  })
  .superRefine(({ providers, settings }, context) => {
    const wrong = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: "custom", path, message });
    const ids = new Set<string>([hubProviderId]);
    for (const [index, { id, type, baseURL, models }] of providers.entries()) {
      const at = ["providers", index];
      if (ids.has(id))
        wrong([...at, "id"], id === hubProviderId ? `"${id}" is the hub itself` : `"${id}" is there twice`);
      ids.add(id);
      const known = type ?? id;
      if (known !== "openai" && known !== "anthropic" && baseURL === undefined)
        wrong([...at, "baseURL"], "is needed for a server that is neither openai nor anthropic");
      const names = new Set<string>();
      for (const [place, model] of models.entries()) {
        if (names.has(model.id)) wrong([...at, "models", place, "id"], `"${model.id}" is there twice`);
        names.add(model.id);
        if (model.default === true && models.findIndex((one) => one.default === true) < place)
          wrong([...at, "models", place, "default"], "another model of this provider is the default already");
      }
    }
    const { defaultProviderId, defaultModelId } = settings;
    if (defaultProviderId !== undefined && !ids.has(defaultProviderId))
      wrong(["settings", "defaultProviderId"], `"${defaultProviderId}" is no provider of this file`);
    const usual = providers.find(({ id }) => id === defaultProviderId);
    if (usual !== undefined && defaultModelId !== undefined)
      if (!usual.models.some(({ id }) => id === defaultModelId))
        wrong(["settings", "defaultModelId"], `"${defaultModelId}" is no model of "${usual.id}"`);
  });
export type ChatConfigFile = z.infer<typeof chatConfigFile>;

/** As `GET /chat/config` tells it: whether there is a key, never which. The first provider is the hub. */
export const chatConfig = z.object({
  version: z.literal("1.0"),
  providers: z.array(
    z
      .object(chatProvider.shape)
      .omit({ apiKey: true })
      .extend({
        name: z.string(),
        models: z.array(chatModel),
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

import { watch, type FSWatcher } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  chatConfigFile,
  hubProviderId,
  type ChatConfig,
  type ChatConfigFile,
  type ChatProvider,
} from "@hearth/wire/chat/config";
import { z } from "zod";
import { HearthError } from "../../errors.ts";
import { writeAtomically } from "../../model-files/atomic-file.ts";
import type { SidecarProvider } from "../sidecar/messages.ts";
import { findKey } from "./keys.ts";

export interface ChatConfigOptions {
  path: string;
  environment: (name: string) => string | undefined;
  /** What is in force changed, or why the file is not. */
  onChange: () => void;
  /** Looks at the file so often beside what the system tells of changes; default 2 s. */
  lookEveryMs?: number;
}

export interface Problem {
  path: string;
  message: string;
}

/** The file with the providers: read at the start, again whenever it changes; a broken one leaves the last good one. */
export class ChatConfiguration implements Disposable {
  readonly #options: ChatConfigOptions;
  #file: ChatConfigFile = chatConfigFile.parse({});
  #providers: SidecarProvider[] = [];
  #error: string | null = null;
  #seen = "";
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reading: Promise<void> = Promise.resolve();

  private constructor(options: ChatConfigOptions) {
    this.#options = options;
  }

  /** Never throws: a broken file is told by `present`. */
  static async open(options: ChatConfigOptions): Promise<ChatConfiguration> {
    const configuration = new ChatConfiguration(options);
    await configuration.#readOnce();
    configuration.#watch();
    return configuration;
  }

  get settings(): ChatConfigFile["settings"] {
    return this.#file.settings;
  }

  /** With their keys, for sidecars only. */
  get providers(): readonly SidecarProvider[] {
    return this.#providers;
  }

  /** As anybody may see it; `service` is added by whoever knows. */
  present(): Omit<ChatConfig, "service"> {
    const keys = new Map(this.#providers.map(({ id, apiKey }) => [id, apiKey !== null]));
    return {
      version: this.#file.version,
      providers: [
        { id: hubProviderId, name: "This hub", models: [], hasApiKey: false, keySource: null },
        ...this.#file.providers.map(({ apiKey, ...provider }) => ({
          ...provider,
          name: provider.name ?? provider.id,
          hasApiKey: keys.get(provider.id) ?? false,
          keySource: apiKey ?? null,
        })),
      ],
      settings: this.#file.settings,
      path: this.#options.path,
      error: this.#error,
    };
  }

  /** Writes another configuration and puts it in force. A provider that names no key keeps the one that it had. */
  async replace(given: unknown): Promise<void> {
    const problems = problemsOf(this.#withKnownKeys(given));
    if (problems.length > 0)
      throw new HearthError("invalid_request", `The configuration is not valid: ${wordsOf(problems)}.`, {
        details: { problems },
      });
    const file = chatConfigFile.parse(this.#withKnownKeys(given));
    await mkdir(dirname(this.#options.path), { recursive: true, mode: 0o700 });
    await writeAtomically(this.#options.path, async (handle) => {
      await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    });
    await this.#read();
  }

  /** What is wrong with a configuration; nothing where it is good. */
  validate(given: unknown): Problem[] {
    return problemsOf(this.#withKnownKeys(given));
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #watch(): void {
    const { path, lookEveryMs = 2_000 } = this.#options;
    const look = (): void => void this.#look();
    try {
      // The folder: editors replace files, and a watcher of the old one hears nothing of it.
      this.#watcher = watch(dirname(path), { persistent: false }, (_, name) => {
        if (name === null || name === basename(path)) look();
      });
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // Some file systems cannot be watched; the clock does it there.
      this.#watcher = null;
    }
    this.#timer = setInterval(look, lookEveryMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    if ((await stampOf(this.#options.path)) !== this.#seen) await this.#read();
  }

  #read(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      await this.#readOnce();
      this.#options.onChange();
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const { path, environment } = this.#options;
    this.#seen = await stampOf(path);
    try {
      const text = await readOrNothing(path);
      const json: unknown = text === null ? {} : JSON.parse(text);
      const problems = problemsOf(json);
      if (problems.length > 0) throw new Error(wordsOf(problems));
      const file = chatConfigFile.parse(json);
      this.#providers = await Promise.all(file.providers.map((provider) => withKey(provider, environment)));
      this.#file = file;
      this.#error = null;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      // A broken line may hold a key that somebody wrote into it against all advice.
      this.#error = `${path} is not in force: ${error instanceof SyntaxError ? "it is not JSON" : words}. The last good configuration is.`;
    }
  }

  /** What clients are shown is without keys; what they send back gets the known ones again. */
  #withKnownKeys(given: unknown): unknown {
    const read = providersOf.safeParse(given);
    if (!read.success) return given;
    const known = new Map(this.#file.providers.map(({ id, apiKey }) => [id, apiKey]));
    return {
      ...read.data,
      providers: read.data.providers
        .filter(({ id }) => id !== hubProviderId)
        .map(({ keySource, ...provider }) => {
          const apiKey = provider["apiKey"] ?? keySource ?? known.get(provider.id);
          return apiKey === undefined || apiKey === null ? provider : { ...provider, apiKey };
        }),
    };
  }
}

const providersOf = z.looseObject({
  providers: z.array(z.looseObject({ id: z.string(), keySource: z.unknown() })),
});

function problemsOf(given: unknown): Problem[] {
  const read = chatConfigFile.safeParse(given);
  if (read.success) return [];
  return read.error.issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
}

function wordsOf(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

async function withKey(
  { id, name, type, baseURL, apiKey, models }: ChatProvider,
  environment: (name: string) => string | undefined,
): Promise<SidecarProvider> {
  const kind = type ?? (id === "openai" || id === "anthropic" ? id : "openai-compatible");
  // Those two have no use without a key, and a usual place for it.
  const usual = { openai: "${OPENAI_API_KEY}", anthropic: "${ANTHROPIC_API_KEY}", "openai-compatible": null }[
    kind
  ];
  const source = apiKey ?? usual;
  const found = source === null ? null : await findKey(source, environment);
  return {
    id,
    name: name ?? id,
    type: kind,
    baseURL: baseURL ?? null,
    apiKey: found?.key ?? null,
    missingKey: found !== null && found.key === null ? found.place : null,
    models,
  };
}

async function readOrNothing(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Changes whenever the file does. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return "";
  }
}

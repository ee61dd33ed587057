import { watch, type FSWatcher } from "node:fs";
import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  chatConfigFile,
  hubProviderId,
  type ChatConfig,
  type ChatConfigFile,
} from "@hearth/wire/chat/config";
import { createTurns } from "../../artifacts/fs/turns.ts";
import { HearthError } from "../../errors.ts";
import { jsonProblem } from "../../json-problem.ts";
import { writeAtomically } from "../../model-files/atomic-file.ts";
import type { SidecarProvider } from "../sidecar/messages.ts";
import { asFile, checkConfig, problemWords, type Problem } from "./given-config.ts";
import { providerWithKey } from "./provider-with-key.ts";
import { FileRefused, providerFileLimit, readProviderFile, stampOf } from "./read-provider-file.ts";
import { usualSource } from "./usual-source.ts";

export interface ChatConfigOptions {
  path: string;
  environment: (name: string) => string | undefined;
  /** What is in force changed, or why the file is not. What was asked for the file waits for it. */
  onChange: () => void | Promise<void>;
  /** Looks at the file so often beside what the system tells of changes; default 2 s. Null: only when it is asked for. */
  lookEveryMs?: number | null;
}

/** The file with the providers: read when it is first needed, again whenever it changes; a broken one leaves the last good one. */
export class ChatConfiguration implements Disposable {
  readonly #options: ChatConfigOptions;
  #file: ChatConfigFile = chatConfigFile.parse({});
  #providers: SidecarProvider[] = [];
  #error: string | null = null;
  /** What was read last; undefined: nothing yet. */
  #text: string | null | undefined = undefined;
  #seen: string | null = null;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** One after the other: readings, and what is written. */
  readonly #turns = createTurns();

  /** Nothing is in force but the defaults before `current` was awaited; a broken file is told by `present` then. */
  constructor(options: ChatConfigOptions) {
    this.#options = options;
    this.#watch();
  }

  get settings(): ChatConfigFile["settings"] {
    return this.#file.settings;
  }

  /** With their keys, for sidecars only. */
  get providers(): readonly SidecarProvider[] {
    return this.#providers;
  }

  /** Why the file as it is now is not in force. */
  get error(): string | null {
    return this.#error;
  }

  /** Fulfilled when what is in force is what the file says now, and everybody who must know does. */
  async current(): Promise<void> {
    await this.#turns.run(async () => {
      const stamp = await stampOf(this.#options.path);
      if ((stamp === null || stamp !== this.#seen) && (await this.#read(false)))
        await this.#options.onChange();
    });
  }

  /** Reads the file and every key anew, whether or not the file changed: keys may have. */
  async refresh(): Promise<void> {
    await this.#turns.run(async () => {
      await this.#read(true);
      await this.#options.onChange();
    });
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
          keySource: apiKey ?? usualSource(provider),
        })),
      ],
      settings: this.#file.settings,
      path: this.#options.path,
      error: this.#error,
    };
  }

  /**
   * Writes another configuration and puts it in force. A provider that names no key keeps the one that it had. What
   * is in force already is not written again.
   *
   * @throws HearthError `invalid_request` with each problem, `unavailable` when the file cannot be written.
   */
  async replace(given: unknown): Promise<void> {
    await this.#turns.run(async () => {
      const checked = checkConfig(asFile(given, this.#file));
      if ("problems" in checked)
        throw new HearthError(
          "invalid_request",
          `The configuration is not valid: ${problemWords(checked.problems)}.`,
          { details: { problems: checked.problems } },
        );
      const same = this.#error === null && isDeepStrictEqual(checked.file, this.#file);
      if (same && typeof this.#text === "string") return;
      await this.#write(`${JSON.stringify(checked.file, null, 2)}\n`);
      await this.#read(true);
      await this.#options.onChange();
    });
  }

  /** What is wrong with a configuration; nothing where it is good. */
  validate(given: unknown): Problem[] {
    const checked = checkConfig(asFile(given, this.#file));
    return "problems" in checked ? checked.problems : [];
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #watch(): void {
    const { path, lookEveryMs = 2_000 } = this.#options;
    if (lookEveryMs === null) return;
    // A failure of whoever is told is theirs; the file is looked at again.
    const look = (): void => void this.current().catch(() => undefined);
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

  /** Whether anything is different from before; `again`: though the file is the same. */
  async #read(again: boolean): Promise<boolean> {
    const { path, environment } = this.#options;
    const before = this.#error;
    try {
      // Before the reading: what changes while it is read is seen the next time.
      this.#seen = await stampOf(path);
      const text = await readProviderFile(path);
      if (text === this.#text && before === null && !again) return false;
      const checked = checkConfig(text === null ? {} : JSON.parse(text));
      if ("problems" in checked) throw new FileRefused(`is not valid: ${problemWords(checked.problems)}`);
      const { file } = checked;
      this.#providers = await Promise.all(
        file.providers.map((provider) => providerWithKey(provider, environment)),
      );
      this.#file = file;
      this.#text = text;
      this.#error = null;
      return true;
    } catch (error) {
      const inForce = this.#text === undefined ? "The defaults are" : "The last good one is";
      this.#error = `${path} is not in force: it ${readingWords(error)}. ${inForce}.`;
      return this.#error !== before;
    }
  }

  async #write(text: string): Promise<void> {
    const { path } = this.#options;
    if (Buffer.byteLength(text) > providerFileLimit)
      throw new HearthError(
        "too_large",
        `The configuration would have more than ${providerFileLimit} bytes.`,
      );
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // A link stays a link: what it leads to is written.
      await writeAtomically(await placeOf(path), async (handle) => {
        await handle.chmod(0o600);
        await handle.writeFile(text);
      });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new HearthError(
        "unavailable",
        `${path} cannot be written: ${words}. What was in force still is.`,
        {
          cause: error,
          details: { path },
        },
      );
    }
  }
}

/** Goes on after "it". */
function readingWords(error: unknown): string {
  if (error instanceof FileRefused) return error.message;
  if (error instanceof SyntaxError) return `is not JSON: ${jsonProblem(error)}`;
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // Nothing is there yet, or a link to nothing, which is replaced.
    return path;
  }
}

import { randomUUID } from "node:crypto";
import { access, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HearthError } from "../errors.ts";
import { hasCode, processIdentity } from "./identity.ts";
import { isSameProcess } from "./orphans.ts";

const lockContent = z.object({
  pid: z.int().positive(),
  identity: z.string(),
  token: z.string().regex(/^[\w-]{1,64}$/),
});
type LockContent = z.infer<typeof lockContent>;

const hubAddress = z.object({ pid: z.int().positive(), url: z.string(), startedAt: z.iso.datetime() });
export type HubAddress = z.infer<typeof hubAddress>;

/** Another hub works on this home folder. */
export class HomeInUseError extends HearthError {
  constructor(home: string, pid: number, url: string | null) {
    const where = url === null ? "" : ` at ${url}`;
    super(
      "conflict",
      `a hub (process ${pid}) already works on ${home}${where}; use it, stop it with 'hearth stop', or give this one another HEARTH_HOME`,
      {
        details: { home, pid, url },
      },
    );
  }
}

export interface HomeLock extends AsyncDisposable {
  /** Writes `hub.json`, where the command line finds the running hub. */
  announce(url: string): Promise<void>;
}

/**
 * Takes the home folder for this process. A lock of a process that is gone is replaced;
 * that of a live one raises HomeInUseError with its address. The lock is a file linked
 * into place with its content, so nobody ever sees it half written.
 */
export async function lockHome(home: string): Promise<HomeLock> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const identity = await processIdentity(process.pid);
  if (identity === null)
    throw new HearthError(
      "platform_unsupported",
      "the system does not tell when this process started; a home folder cannot be locked safely",
    );
  const own: LockContent = { pid: process.pid, identity, token: randomUUID() };
  await takeLock(home, own);
  return {
    async announce(url) {
      const address: HubAddress = { pid: process.pid, url, startedAt: new Date().toISOString() };
      await writeThenRename(addressFile(home), JSON.stringify(address));
    },
    async [Symbol.asyncDispose]() {
      if ((await readLock(home))?.token !== own.token) return;
      await rm(addressFile(home), { force: true });
      await rm(lockFile(home), { force: true });
    },
  };
}

/** The running hub of a home folder, or null when none runs or it does not answer yet. */
export async function findHub(home: string): Promise<HubAddress | null> {
  const lock = await readLock(home);
  const address = await readJson(addressFile(home), hubAddress);
  if (lock === null || address === null || lock.pid !== address.pid) return null;
  return (await isSameProcess(lock.pid, lock.identity)) ? address : null;
}

/**
 * The lock is a chain: `hub.lock`, then `hub.lock.after-TOKEN` for each holder that was found
 * dead. Every link is made by an atomic link(2) that fails when it exists, so of several
 * that find a dead holder one wins; the winner then becomes `hub.lock` itself.
 */
async function takeLock(home: string, own: LockContent): Promise<void> {
  const draft = join(home, `.hub.lock.${own.token}`);
  await writeSynced(draft, JSON.stringify(own));
  try {
    for (;;) {
      const chain = await readChain(home);
      const last = chain.at(-1);
      if (
        last?.content !== null &&
        last !== undefined &&
        (await isSameProcess(last.content.pid, last.content.identity))
      ) {
        throw new HomeInUseError(home, last.content.pid, (await findHub(home))?.url ?? null);
      }
      const place = last === undefined ? lockFile(home) : successorFile(home, last.content);
      if (!(await linkNew(draft, place))) continue;
      if (last === undefined) return;
      // The chain may have moved on while it was read: a link that no longer hangs on it counts for nothing.
      if ((await readChain(home)).at(-1)?.content?.token === own.token) {
        await rename(place, lockFile(home));
        for (const { file } of chain.slice(1)) await rm(file, { force: true });
        return;
      }
      await rm(place, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

interface ChainLink {
  file: string;
  /** Null when it cannot be read. */
  content: LockContent | null;
}

async function readChain(home: string): Promise<ChainLink[]> {
  const chain: ChainLink[] = [];
  let file = lockFile(home);
  while (await exists(file)) {
    const content = await readJson(file, lockContent);
    chain.push({ file, content });
    file = successorFile(home, content);
    // Unreadable twice in a row would be its own successor.
    if (chain.some((link) => link.file === file))
      throw new HearthError(
        "configuration_invalid",
        `the lock files in ${home} cannot be read; when no hub runs there, remove hub.lock*`,
      );
  }
  return chain;
}

function successorFile(home: string, content: LockContent | null): string {
  return join(home, `hub.lock.after-${content?.token ?? "unreadable"}`);
}

/** False when the place is taken. */
async function linkNew(from: string, place: string): Promise<boolean> {
  try {
    await link(from, place);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function readLock(home: string): Promise<LockContent | null> {
  return readJson(lockFile(home), lockContent);
}

const lockFile = (home: string): string => join(home, "hub.lock");
const addressFile = (home: string): string => join(home, "hub.json");

/** Null when the file is missing or does not hold what is expected. */
async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

async function writeThenRename(file: string, text: string): Promise<void> {
  await writeSynced(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

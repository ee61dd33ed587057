import { spawn } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import type { CodeState } from "@hearth/wire/hub/models";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { inheritedEnvironment } from "../process/environment.ts";

const gitTimeoutMs = 20_000;
/** Lists of files are read whole; a difference is hashed as it comes. */
const listLimit = 16_000_000;

/** Commit of the code in a folder, and a checksum of what differs from it. What git cannot tell in time is null. */
export async function readCodeState(folder: string): Promise<CodeState> {
  const commit = await text(folder, ["rev-parse", "HEAD"]);
  if (commit === null) return { commit: null, dirty: null, diff_sha256: null };
  const hash = createHash("sha256");
  // Neither the system's settings nor a file's attributes may change the text of the difference.
  const diff = ["diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const differing = await git(folder, diff, hash);
  const untracked = await text(folder, [
    "ls-files",
    "--others",
    "--exclude-standard",
    "-z",
    "--full-name",
    ":/",
  ]);
  if (differing === null || untracked === null) return { commit, dirty: null, diff_sha256: null };
  if (differing.bytes === 0 && untracked === "") return { commit, dirty: false, diff_sha256: null };
  const contents = await contentsOf(folder, untracked);
  if (contents === null) return { commit, dirty: true, diff_sha256: null };
  return {
    commit,
    dirty: true,
    diff_sha256: hash.update("\0").update(untracked).update(contents).digest("hex"),
  };
}

/** Git's own checksums of the untracked files, in their order; null where one cannot be read. */
async function contentsOf(folder: string, list: string): Promise<string | null> {
  if (list === "") return "";
  const top = await text(folder, ["rev-parse", "--show-toplevel"]);
  const names = list.split("\0").filter((name) => name !== "");
  // The command reads one name a line.
  if (top === null || names.some((name) => name.includes("\n"))) return null;
  const links: string[] = [];
  const files: string[] = [];
  for (const name of names) {
    // Git keeps a link as the text where it leads; what lies there may be a folder.
    const target = await readlink(join(top, name)).catch(() => null);
    if (target === null) files.push(name);
    else links.push(`${name}\0${target}`);
  }
  if (files.length === 0) return links.join("\0");
  const hashes = await text(top, ["hash-object", "--no-filters", "--stdin-paths"], `${files.join("\n")}\n`);
  return hashes === null ? null : [...links, hashes].join("\0");
}

/** Git's answer without the last newline; null when it has none. */
async function text(folder: string, args: string[], input = ""): Promise<string | null> {
  const answer = await git(folder, args, null, input);
  return answer === null ? null : answer.text.trimEnd();
}

/** Runs git; null when it is missing, refuses, or takes too long. With a hash, the output goes there. */
function git(
  folder: string,
  args: string[],
  hash: Hash | null,
  input = "",
): Promise<{ bytes: number; text: string } | null> {
  const { promise, resolve, reject } = Promise.withResolvers<{ bytes: number; text: string } | null>();
  // The system's and the person's own settings must not change the answer, nor start programs.
  const child = spawn(
    "git",
    ["-c", "core.fsmonitor=false", "-c", "core.quotePath=true", "-C", folder, ...args],
    {
      timeout: gitTimeoutMs,
      env: { ...inheritedEnvironment(), GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  const pieces: Buffer[] = [];
  let bytes = 0;
  child.stdout.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (hash !== null) hash.update(piece);
    else if (bytes <= listLimit) pieces.push(piece);
  });
  child.on("error", (error) => {
    if (fileErrorCode(error) === "ENOENT") resolve(null);
    else reject(error);
  });
  child.on("close", (code) => {
    const whole = hash !== null || bytes <= listLimit;
    resolve(code === 0 && whole ? { bytes, text: Buffer.concat(pieces).toString("utf8") } : null);
  });
  // A git that ends before it has read everything says so by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return promise;
}

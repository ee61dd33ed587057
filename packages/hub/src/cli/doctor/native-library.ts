import { execFile } from "node:child_process";

const PATIENCE_MS = 30_000;

/**
 * Imports a module that loads a native library (by its URL) in a process of its own, since a
 * bad library takes its process with it, and runs `use` there, in which it is called `module`. `words` are what it
 * printed, or why it failed.
 */
export function loadsInChild(location: string, use: string): Promise<{ ok: boolean; words: string }> {
  const script = `const module = await import(${JSON.stringify(location)}); ${use}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--input-type=module", "--eval", script],
      { timeout: PATIENCE_MS },
      (error, stdout, stderr) => {
        const lines = stderr.trim().split("\n");
        const lastWords = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
        if (error) resolve({ ok: false, words: `it does not load: ${lastWords || error.message}` });
        else resolve({ ok: true, words: stdout.trim() || "loads" });
      },
    );
  });
}

import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";

/** Mounting a file system that nobody else sees needs a namespace of one's own. */
function canMount(): boolean {
  try {
    execFileSync("unshare", ["--user", "--map-root-user", "--mount", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);
const report = z.object({
  first: z.string(),
  failed: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  before: z.string(),
  after: z.string(),
  health: z.string(),
  again: z.string(),
});

// Where the system does not let a user mount, there is no full disk to be had; CI must let it.
// oxlint-disable-next-line node/no-process-env
test.runIf(canMount() || process.env["CI"] === "true")(
  "a disk that fills up while a job trains fails the job with the reason and harms nothing else",
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "hearth-full-disk-"));
    try {
      const script =
        'mount -t tmpfs -o size=80m tmpfs "$1" && exec "$2" --disable-warning=ExperimentalWarning "$3" "$1"';
      const child = fileURLToPath(new URL("full-disk-child.ts", import.meta.url));
      const { stdout } = await run(
        "unshare",
        ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", folder, process.execPath, child],
        { timeout: 110_000 },
      );
      const found = report.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
      expect(found).toMatchObject({
        first: "completed",
        failed: "failed",
        error: {
          code: "resource_exhausted",
          message: expect.stringMatching(/disk is full.*free some space/i),
        },
        health: "ok",
        // The job that comes after finds room again.
        again: "completed",
      });
      expect(found.after).toBe(found.before);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

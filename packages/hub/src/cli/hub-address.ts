import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientOptions } from "@hearth/sdk";
import { z } from "zod";
import { loadConfig } from "../config/load.ts";

const hubRecord = z.object({ url: z.string() });

/**
 * The hub that a command talks to: `--url`, else the one that runs on this home folder
 * (it leaves its address in `hub.json`), else the configured host and port.
 */
export async function hubAddress(url: string | undefined): Promise<ClientOptions> {
  const config = loadConfig();
  const key = config.apiKey === null ? {} : { apiKey: config.apiKey };
  return { url: url ?? (await runningHub(config.home)) ?? `http://${config.host}:${config.port}`, ...key };
}

async function runningHub(home: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(join(home, "hub.json"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const parsed = hubRecord.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data.url : null;
}

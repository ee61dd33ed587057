import type { SidecarSettings } from "./messages.ts";

/** One that is shorter would be found in the middle of words. */
const shortest = 8;
/** Of a long key so much is enough to know it by, where somebody cut it off. */
const recognised = 12;

/** The keys of all providers and of the hub, whose owners may repeat them in an error. */
export function secretsOf({ providers, hubKey }: Pick<SidecarSettings, "providers" | "hubKey">): string[] {
  return [hubKey, ...providers.map(({ apiKey }) => apiKey)].filter((key) => key !== null);
}

/** The text without these keys, however they are written in it. */
export function masked(text: string, secrets: readonly string[]): string {
  let rest = text;
  for (const secret of secrets.filter(({ length }) => length >= shortest)) {
    for (const form of formsOf(secret)) rest = rest.replaceAll(form, "(key)");
    if (secret.length < 2 * recognised) continue;
    const beginning = secret.slice(0, recognised);
    rest = rest.replaceAll(new RegExp(`${literally(beginning)}[\\w.-]*`, "g"), "(key)");
  }
  return rest;
}

function formsOf(secret: string): Set<string> {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return new Set([
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
    base64.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

function literally(text: string): string {
  return text.replaceAll(/\W/g, String.raw`\$&`);
}

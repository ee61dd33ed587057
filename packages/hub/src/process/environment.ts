/**
 * Names of variables that hold secrets: a child gets them only when its owner passes them on. Further ones of a kind
 * (`OPENAI_API_KEY_2`, `OPENAI_API_KEY_WORK`) are secrets too.
 */
const secret = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?(\d+|_\w*)?$|^DATABASE_URL|^PGPASS/i;

/** Variables that are meant for this process alone. */
const ownOnly = new Set(["NODE_OPTIONS", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"]);

/**
 * The environment of a child process: what `inherited` has, less its secrets and Node's own switches, and the additions.
 * With `only`, nothing but these names is inherited.
 */
export function childEnvironment(
  inherited: NodeJS.ProcessEnv,
  additions: Record<string, string>,
  only?: readonly string[],
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    const wanted = only === undefined || only.includes(name);
    if (value !== undefined && wanted && !secret.test(name) && !ownOnly.has(name)) environment[name] = value;
  }
  return { ...environment, ...additions };
}

/** What this process was started with, to be passed on to programs; configuration is read in `config/` alone. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- nothing is read from it here
  return process.env;
}

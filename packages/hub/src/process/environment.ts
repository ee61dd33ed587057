/** Names of variables that hold secrets: a child gets them only when its owner passes them on. */
const secret = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$|^DATABASE_URL|^PGPASS/i;

/** Variables that are meant for this process alone. */
const ownOnly = new Set(["NODE_OPTIONS", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"]);

/** The environment of a child process: what `inherited` has, less its secrets and Node's own switches, and the additions. */
export function childEnvironment(
  inherited: NodeJS.ProcessEnv,
  additions: Record<string, string>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !secret.test(name) && !ownOnly.has(name)) environment[name] = value;
  }
  return { ...environment, ...additions };
}

/** What this process was started with, to be passed on to programs; configuration is read in `config/` alone. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- nothing is read from it here
  return process.env;
}

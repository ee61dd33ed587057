import { KeyringFailed, systemKeyring, type Keyring } from "./keyring.ts";

/** A named key: there, or not, and then what to do about it in the words of a person. */
export interface FoundKey {
  key: string | null;
  /** The variable, or `keyring:NAME`. */
  place: string;
  help: string | null;
}

/** Finds what `${NAME}` or `keyring:NAME` stands for. Never throws: a keyring that cannot be read has no keys. */
export async function findKey(
  source: string,
  environment: (name: string) => string | undefined,
  keyring: Keyring | null = systemKeyring(),
): Promise<FoundKey> {
  const variable = /^\$\{(.+)\}$/.exec(source)?.[1];
  if (variable !== undefined) {
    const key = environment(variable) ?? "";
    if (key === "") return { key: null, place: variable, help: `Set ${variable} and restart Hearth.` };
    return usable(key, variable);
  }
  const name = source.replace(/^keyring:/, "");
  const none = (help: string): FoundKey => ({ key: null, place: source, help });
  if (keyring === null)
    return none("This system has no keyring that Hearth can read; name a variable instead: ${NAME}.");
  try {
    const key = await keyring.read(name);
    return key === null ? none(`Store it: \`hearth keys set ${name}\`.`) : usable(key, source);
  } catch (error) {
    if (error instanceof KeyringFailed) return none(error.message);
    throw error;
  }
}

/** Keys travel in a header: what cannot stand there is none, whoever pasted it. */
export function isKey(text: string): boolean {
  return /^[\x21-\x7e]{1,1900}$/.test(text);
}

function usable(key: string, place: string): FoundKey {
  if (isKey(key)) return { key, place, help: null };
  return {
    key: null,
    place,
    help: `What ${place} holds is no key: it has spaces or characters that are not ASCII, or is longer than 1900 characters.`,
  };
}

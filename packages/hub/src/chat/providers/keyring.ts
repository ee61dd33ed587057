import { execFile } from "node:child_process";
import { childEnvironment, inheritedEnvironment } from "../../process/environment.ts";

/** The system's store of keys, by the program that comes with it. */
export interface Keyring {
  /** The program, and what to do where it is not installed. */
  readonly program: string;
  readonly install: string;
  /** Null where it has no such key. Throws KeyringFailed. */
  read(name: string): Promise<string | null>;
  /** Throws KeyringFailed, also when the key is not there afterwards. */
  store(name: string, key: string): Promise<void>;
  /** Whether there was such a key. Throws KeyringFailed. */
  remove(name: string): Promise<boolean>;
}

/** A keyring that cannot be used: no program for it, or it is locked. The words are for the person. */
export class KeyringFailed extends Error {
  override readonly name = "KeyringFailed";
}

/** Under this name Hearth's keys lie in the keyring. */
export const keyringService = "hearth";

const patienceMs = 5_000;

/** Of Linux and macOS; null elsewhere. `environment` is that of the program. */
export function systemKeyring(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = inheritedEnvironment(),
): Keyring | null {
  if (platform === "linux") return secretService(environment);
  if (platform === "darwin") return keychain(environment);
  return null;
}

/** libsecret's `secret-tool`: GNOME's keyring, KDE's wallet, KeePassXC. */
function secretService(environment: NodeJS.ProcessEnv): Keyring {
  const program = "secret-tool";
  const install = "install secret-tool (Debian, Ubuntu: libsecret-tools; Fedora, Arch: libsecret)";
  const place = (name: string): string[] => ["service", keyringService, "account", name];
  const run = (args: string[], input = ""): Promise<Ran> =>
    runTool(program, install, args, input, environment);
  // It ends with 1 and without a word where there is no such key.
  const absent = ({ code, stderr }: Ran): boolean => code === 1 && stderr === "";
  const read = async (name: string): Promise<string | null> => {
    const ran = await run(["lookup", ...place(name)]);
    if (ran.code === 0) return withoutLineEnd(ran.stdout);
    if (absent(ran)) return null;
    throw failed(program, ran);
  };
  return {
    program,
    install,
    read,
    async store(name, key) {
      const ran = await run(["store", `--label=Hearth: ${name}`, ...place(name)], key);
      if (ran.code !== 0) throw failed(program, ran);
      await checkStored(read, name, key);
    },
    async remove(name) {
      if ((await read(name)) === null) return false;
      const ran = await run(["clear", ...place(name)]);
      if (ran.code !== 0 && !absent(ran)) throw failed(program, ran);
      return true;
    },
  };
}

/** macOS: the login keychain by `security`. */
function keychain(environment: NodeJS.ProcessEnv): Keyring {
  const program = "security";
  const install = "check the installation: `security` is a part of macOS";
  const place = (name: string): string[] => ["-s", keyringService, "-a", name];
  const run = (args: string[], input = ""): Promise<Ran> =>
    runTool(program, install, args, input, environment);
  const noSuchItem = 44;
  const read = async (name: string): Promise<string | null> => {
    const ran = await run(["find-generic-password", ...place(name), "-w"]);
    if (ran.code === 0) return withoutLineEnd(ran.stdout);
    if (ran.code === noSuchItem) return null;
    throw failed(program, ran);
  };
  return {
    program,
    install,
    read,
    async store(name, key) {
      // An argument would be in the list of processes; a command that is read from standard input is not.
      const hex = Buffer.from(key).toString("hex");
      const ran = await run(["-i"], `add-generic-password -U ${place(name).join(" ")} -X ${hex}\n`);
      if (ran.code !== 0) throw failed(program, ran);
      await checkStored(read, name, key);
    },
    async remove(name) {
      const ran = await run(["delete-generic-password", ...place(name)]);
      if (ran.code === noSuchItem) return false;
      if (ran.code !== 0) throw failed(program, ran);
      return true;
    },
  };
}

/** The interactive mode of `security` ends with 0 whatever came of its commands. */
async function checkStored(
  read: (name: string) => Promise<string | null>,
  name: string,
  key: string,
): Promise<void> {
  if ((await read(name)) !== key)
    throw new KeyringFailed(
      "The keyring took the key and does not have it; is it locked? Nothing was stored.",
    );
}

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

function runTool(
  program: string,
  install: string,
  args: readonly string[],
  input: string,
  environment: NodeJS.ProcessEnv,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    // It needs the way to the session's bus, and none of the secrets of the environment.
    const env = childEnvironment(environment, {});
    const child = execFile(program, args, { timeout: patienceMs, env }, (error, stdout, stderr) => {
      if (error !== null && error.code === "ENOENT")
        return reject(new KeyringFailed(`The keyring cannot be used: ${install}.`));
      if (child.signalCode !== null)
        return reject(
          new KeyringFailed(
            `The keyring did not answer within ${patienceMs / 1000} s; unlock it and try again.`,
          ),
        );
      resolve({ code: child.exitCode, stdout, stderr: stderr.trim() });
    });
    // One that ends without reading says why by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

function failed(program: string, { code, stderr }: Ran): KeyringFailed {
  const words = stderr.split("\n", 1)[0]?.slice(0, 300) ?? "";
  return new KeyringFailed(
    `The keyring cannot be used: ${words === "" ? `${program} ended with ${code}` : words}`,
  );
}

function withoutLineEnd(text: string): string | null {
  const key = text.replace(/\r?\n$/, "");
  return key === "" ? null : key;
}

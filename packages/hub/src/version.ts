import manifest from "../package.json" with { type: "json" };

/** Hearth's own version, PEP 440 and semver alike. */
export const version: string = manifest.version;

import type { ModelEvent } from "@hearth/wire/hub/models";

/** The version that an alias named before the one it names now, by the history (newest first); null: none. */
export function previousVersion(history: readonly ModelEvent[], alias: string, now: number): number | null {
  const event = history.find(
    ({ kind, version, details }) =>
      (kind === "promoted" || kind === "rolled_back") && version === now && details["alias"] === alias,
  );
  const previous = event?.details["previous_version"];
  return typeof previous === "number" ? previous : null;
}

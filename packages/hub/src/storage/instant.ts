/** An instant as the API writes it: ISO 8601, UTC, milliseconds. */
export function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Like {@link toIso} for one that may not have happened yet. */
export function toIsoOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : toIso(milliseconds);
}

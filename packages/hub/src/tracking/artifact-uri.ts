/** Where the artifacts of an experiment are, when it names no place of its own: behind the hub's own API. */
export function experimentLocation(id: string, location: string | null): string {
  return location ?? `mlflow-artifacts:/${id}`;
}

/** Where the artifacts of a run are. What follows `?` or `#` in the experiment's place stays at the end. */
export function runArtifactUri(experimentId: string, location: string | null, runId: string): string {
  return joinUri(experimentLocation(experimentId, location), `${runId}/artifacts`);
}

/** `s3://bucket/a?x=1`, `b/c` → `s3://bucket/a/b/c?x=1` */
export function joinUri(base: string, path: string): string {
  const [, place = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(base) ?? [];
  return `${place.replace(/\/+$/, "")}/${path}${rest}`;
}

const part = encodeURIComponent;

/** Address of a model's page. */
export function modelAddress(name: string): string {
  return `#/models/${part(name)}`;
}

/** Address of a version's page. */
export function versionAddress(name: string, version: number): string {
  return `${modelAddress(name)}/versions/${version}`;
}

/** Address of a page by a reference such as `name:3`. */
export function referenceAddress(reference: string): string {
  const numbered = /^(?<name>.+):(?<version>\d+)$/.exec(reference)?.groups;
  return numbered === undefined
    ? modelAddress(reference)
    : versionAddress(numbered["name"] ?? "", Number(numbered["version"]));
}

/** Address of a data set's page. */
export function datasetAddress(name: string): string {
  return `#/datasets/${part(name)}`;
}

/** Address of a run's page. */
export function runAddress(experiment: string, run: string): string {
  return `#/experiments/${part(experiment)}/runs/${part(run)}`;
}

/** Address of a conversation with a model. */
export function chatAddress(reference: string): string {
  return `#/chat?model=${part(reference)}`;
}

/** Address of an experiment's runs. */
export function experimentAddress(id: string): string {
  return `#/experiments/${part(id)}`;
}

/** Address of a training job's page. */
export function jobAddress(id: string): string {
  return `#/training/jobs/${part(id)}`;
}

/** Address of a trace, in a drawer beside the others. */
export function traceAddress(id: string): string {
  return `#/traces?trace=${part(id)}`;
}

import { HearthError } from "../errors.ts";

/** Where a dataset is wrong, what is there, and what should be. */
export interface DatasetFault {
  file: string;
  /** From 1; absent when the file as a whole is wrong. */
  line?: number;
  /** From 1, in a file that has no lines. */
  row?: number;
  found: string;
  expected: string;
}

/** A dataset that cannot be registered: `dataset_invalid` with file, line, what was found and what was expected. */
export class DatasetInvalid extends HearthError {
  readonly fault: DatasetFault;

  constructor(fault: DatasetFault, cause?: unknown) {
    const place =
      fault.line !== undefined
        ? `${fault.file}, line ${fault.line}`
        : fault.row !== undefined
          ? `${fault.file}, row ${fault.row}`
          : fault.file;
    super("dataset_invalid", `${place}: found ${fault.found}; expected ${fault.expected}.`, {
      cause,
      details: { ...fault },
    });
    this.fault = fault;
  }
}

/** A piece of hostile text for a message: quoted and at most 80 characters. */
export function excerpt(text: string): string {
  return JSON.stringify((text.length > 80 ? `${text.slice(0, 80)}…` : text).toWellFormed());
}

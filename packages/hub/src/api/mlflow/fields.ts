import { HearthError } from "../../errors.ts";

/**
 * Readers of requests in protobuf's JSON form (https://protobuf.dev/programming-guides/json/), as
 * MLflow's server takes them: unknown fields are passed over, numbers may be strings, `null` is
 * "not set", names are snake_case or camelCase, and errors carry the words that its clients know.
 */
export interface Field<T> {
  /** Reads a value that is there; throws `invalid_request` naming `name`. */
  read(value: unknown, name: string): T;
  /** Of a repeated key of a query string; the last one counts unless the field is a list. */
  fromQuery(values: readonly string[], name: string): T;
  readonly isRequired: boolean;
  /** What stands for a field that is not set. */
  readonly absent: T | undefined;
  /** JSON schema, for the API description. */
  readonly schema: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a message's reader gives: lists and required fields are always there. */
export type MessageOf<F> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** A field that may be missing. */
export type Optional<T> = Field<T | undefined> & {
  /** Refuses a request without it. */
  required(): Field<T>;
  /** Stands for a missing one. */
  or(value: T): Field<T>;
};

function optional<T>(
  schema: Readonly<Record<string, unknown>>,
  read: (value: unknown, name: string) => T,
  fromText: (text: string, name: string) => T = read,
): Optional<T> {
  const fromQuery = (values: readonly string[], name: string): T => fromText(values.at(-1) ?? "", name);
  return {
    read,
    fromQuery,
    isRequired: false,
    absent: undefined,
    schema,
    required: () => ({ read, fromQuery, isRequired: true, absent: undefined, schema }),
    or: (value) => ({ read, fromQuery, isRequired: false, absent: value, schema }),
  };
}

export function text(): Optional<string> {
  return optional({ type: "string" }, (value, name) => {
    if (typeof value !== "string") throw wrongValue(value, name);
    return value;
  });
}

/** A 64-bit integer: a number, or its digits. One that no JavaScript number holds exactly is refused. */
export function int64(): Optional<number> {
  return optional({ type: "integer" }, (value, name) => {
    const number = wholeNumber(value);
    if (number === null || !Number.isSafeInteger(number)) throw wrongValue(value, name);
    return number;
  });
}

export function int32(): Optional<number> {
  return optional({ type: "integer", format: "int32" }, (value, name) => {
    const number = wholeNumber(value);
    if (number === null || number < -(2 ** 31) || number >= 2 ** 31) throw wrongValue(value, name);
    return number;
  });
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === "string" && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
  // "+ 0" makes −0 a plain 0.
  return typeof number === "number" && Number.isInteger(number) ? number + 0 : null;
}

const namedDoubles: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  nan: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** A double; "NaN", "Infinity" and "-Infinity" are its words for what JSON cannot write. */
export function double(): Optional<number> {
  return optional({ type: "number" }, (value, name) => {
    if (typeof value === "number") return value;
    if (typeof value === "string") {
      if (Object.hasOwn(namedDoubles, value)) return namedDoubles[value] ?? Number.NaN;
      if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value)) return Number(value);
    }
    throw wrongValue(value, name);
  });
}

export function bool(): Optional<boolean> {
  return optional(
    { type: "boolean" },
    (value, name) => {
      if (typeof value !== "boolean") throw wrongValue(value, name);
      return value;
    },
    (word, name) => {
      const lower = word.toLowerCase();
      if (lower !== "true" && lower !== "false") throw wrongValue(word, name);
      return lower === "true";
    },
  );
}

/** One of the names of a protobuf enum. */
export function enumOf<const Name extends string>(names: readonly Name[]): Optional<Name> {
  return optional({ enum: names }, (value, name) => {
    const known = names.find((candidate) => candidate === value);
    if (known === undefined) throw wrongValue(value, name);
    return known;
  });
}

/** Any JSON value, as it is. */
export function json(): Optional<unknown> {
  return optional({}, (value) => value);
}

/** A repeated field: empty when it is not set. */
export function list<T>(item: Field<T>): Field<T[]> {
  return {
    read: (value, name) => {
      if (!Array.isArray(value)) throw wrongValue(value, name);
      return value.map((one: unknown, index) => item.read(one, `${name}[${index}]`));
    },
    fromQuery: (values, name) => values.map((one) => item.fromQuery([one], name)),
    isRequired: false,
    get absent() {
      return [];
    },
    schema: { type: "array", items: item.schema },
  };
}

/** A protobuf map with text keys. */
export function map<T>(item: Field<T>): Optional<Map<string, T>> {
  return optional({ type: "object", additionalProperties: item.schema }, (value, name) => {
    if (!isObject(value)) throw wrongValue(value, name);
    return new Map(Object.entries(value).map(([key, one]) => [key, item.read(one, `${name}.${key}`)]));
  });
}

/** A message: the request itself, or one inside it. */
export function message<const F extends Fields>(fields: F): Optional<MessageOf<F>> {
  const entries = Object.entries(fields).map(([name, field]) => ({ name, camel: camelCase(name), field }));
  const needed = entries.filter(({ field }) => field.isRequired).map(({ name }) => name);
  const schema = {
    type: "object",
    properties: Object.fromEntries(entries.map(({ name, field }) => [name, field.schema])),
    ...(needed.length === 0 ? {} : { required: needed }),
  };
  return optional(schema, (value, path) => {
    if (!isObject(value)) throw wrongValue(value, path === "" ? "request" : path);
    const result: Record<string, unknown> = {};
    for (const { name, camel, field } of entries) {
      const given = value[name] ?? (camel === name ? undefined : value[camel]);
      // As for MLflow's server, an empty text is no value for a field that has to have one.
      if (given !== undefined && given !== null && !(given === "" && field.isRequired)) {
        result[name] = field.read(given, path === "" ? name : `${path}.${name}`);
      } else if (field.isRequired) throw missingValue(path === "" ? name : `${path}.${name}`);
      else result[name] = field.absent;
    }
    return result as MessageOf<F>;
  });
}

/** Reads a message from the keys of a query string. */
export function readQuery<F extends Fields>(fields: F, query: URLSearchParams): MessageOf<F> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = query.getAll(name);
    if (given.length > 0 && !(given.at(-1) === "" && field.isRequired))
      result[name] = field.fromQuery(given, name);
    else if (field.isRequired) throw missingValue(name);
    else result[name] = field.absent;
  }
  return result as MessageOf<F>;
}

/** `run_id` → `runId` */
function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const seeDocs = "See the API docs for more information about request parameters.";

export function missingValue(name: string): HearthError {
  return new HearthError("invalid_request", `Missing value for required parameter '${name}'. ${seeDocs}`, {
    details: { field: name },
  });
}

/** Of a value of the wrong kind; `hint` says what would be right. */
export function wrongValue(value: unknown, name: string, hint = ""): HearthError {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 300);
  const reason = hint === "" ? `Hint: Value was of type '${kindOf(value)}'.` : hint;
  return new HearthError(
    "invalid_request",
    `Invalid value ${shown} for parameter '${name}' supplied: ${reason} ${seeDocs}`,
    { details: { field: name } },
  );
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

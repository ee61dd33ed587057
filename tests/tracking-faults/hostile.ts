import fc from "fast-check";
import type { Operation } from "../../packages/hub/src/api/operation.ts";

/** Things that exist on the hub, for garbage that gets past the first check. */
export interface Known {
  experiment: string;
  run: string;
  model: string;
}

/** Names of fields in queries, which routes do not describe. */
const queryFields = [
  "run_id",
  "run_uuid",
  "run_ids",
  "experiment_id",
  "experiment_ids",
  "experiment_name",
  "metric_key",
  "name",
  "version",
  "alias",
  "path",
  "page_token",
  "max_results",
  "filter",
  "filter_string",
  "order_by",
  "view_type",
  "start_step",
  "end_step",
  "trace_id",
  "request_id",
  "dataset_id",
];

const nastyTexts = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udfff\ud800",
  "\u202e\u{1f525}",
  "'",
  '"',
  "`",
  "' OR 1=1 --",
  "'; DROP TABLE runs; --",
  "%",
  "%00",
  "..",
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "/etc/passwd",
  "C:\\Windows\\win.ini",
  "file:///etc/passwd",
  "models:/m-00000000000000000000000000000000",
  "models:/x/1",
  "runs:/x/model",
  "mlflow-artifacts:/../..",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "Infinity",
  "-0",
  "1e400",
  "9223372036854775807",
  "9223372036854775808",
  "9".repeat(400),
  "x".repeat(10_000),
  "é".repeat(600),
  // Page tokens: {"offset": -1}, {"offset": 1e308}, [], broken.
  "eyJvZmZzZXQiOiAtMX0=",
  "eyJvZmZzZXQiOiAxZTMwOH0=",
  "W10=",
  "!!!",
  // Filters and orders.
  "metrics.",
  "metrics.m > ",
  "metrics.m > 'x'",
  "metrics.m > 1e999",
  "metrics.`m > 1",
  "params.p LIKE '%\\'",
  "tags.t ILIKE '" + "%a".repeat(200) + "'",
  "attributes.start_time > 99999999999999999999",
  "attributes.nothing = 'x'",
  "run_id IN ('a',)",
  "run_id IN ()",
  "((((((((((",
  "a AND b OR c",
  "tags.`mlflow.x` IS NOT NULL AND ".repeat(200),
  "metrics.m DESC, params.p",
  "name RLIKE '(a+)+$'",
  "trace.text RLIKE '['",
  "status = 'OK\0'",
];

const nastyNumbers = [
  0,
  -0,
  -1,
  1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e308,
  -1e308,
  5e-324,
  0.5,
];

function texts(known: Known): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...nastyTexts) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(known.experiment, known.run, known.model, "1", "latest", "loss"),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  );
}

function values(known: Known): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      texts(known),
      fc.constantFrom(...nastyNumbers),
      fc.constantFrom<unknown>(null, true, false, [], {}),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom("key", "value", "name", "step", "timestamp", "__proto__"), texts(known)),
        tie("value"),
        {
          maxKeys: 4,
        },
      ),
    ),
  }));
  return value;
}

/** The parts of a JSON schema that say which kind of value a field takes. */
interface Kind {
  type?: unknown;
  enum?: readonly unknown[];
  items?: Kind;
  properties?: Record<string, Kind>;
}

/** Mostly a value of the right kind, so that what is wrong lies deeper; sometimes anything. */
function ofKind(kind: Kind, known: Known): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: rightKind(kind, known) }, { weight: 1, arbitrary: values(known) });
}

function rightKind(kind: Kind, known: Known): fc.Arbitrary<unknown> {
  if (kind.enum !== undefined && kind.enum.length > 0) return fc.constantFrom(...kind.enum);
  switch (kind.type) {
    case "string":
      return texts(known);
    case "integer":
      return fc.oneof(fc.integer(), fc.constantFrom<unknown>(...nastyNumbers, ...nastyNumbers.map(String)));
    case "number":
      return fc.oneof(fc.double(), fc.constantFrom<unknown>(...nastyNumbers, "NaN", "Infinity", "-Infinity"));
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(ofKind(kind.items ?? {}, known), { maxLength: 5 });
    case "object":
      return kind.properties === undefined
        ? fc.dictionary(texts(known), values(known), { maxKeys: 4 })
        : fc.record(
            Object.fromEntries(
              Object.entries(kind.properties).map(([name, inner]) => [name, ofKind(inner, known)]),
            ),
            { requiredKeys: [] },
          );
    default:
      return values(known);
  }
}

/** Text that is no JSON, or JSON that no object comes out of. */
const broken: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "{", "null", "[]", '"x"', '"{"', "1e999", '{"a":}', "\ufeff{}", "[".repeat(20_000)),
  fc.constant(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json(),
);

export interface HostileRequest {
  method: string;
  /** With its query, encoded. */
  target: string;
  body: string;
}

/** Requests that `operation` must refuse or answer, and nothing else. */
export function hostileRequests(
  operation: Operation,
  path: string,
  known: Known,
): fc.Arbitrary<HostileRequest> {
  const names = [...path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map((match) => match[1] ?? "");
  const parameters = fc.tuple(...names.map(() => texts(known)));
  const withoutBody = operation.method === "GET";
  const query = fc.uniqueArray(fc.tuple(fc.constantFrom(...queryFields), texts(known)), {
    maxLength: withoutBody ? 6 : 1,
  });
  const schema = (operation.requestSchema ?? {}) as Kind;
  const body = withoutBody
    ? fc.constant("")
    : fc.oneof(
        { weight: 5, arbitrary: ofKind(schema, known).map((value) => JSON.stringify(value) ?? "") },
        { weight: 1, arbitrary: broken },
      );
  return fc.tuple(parameters, query, body).map(([given, pairs, text]) => {
    let target = path;
    for (const [index, name] of names.entries())
      target = target.replace(
        new RegExp(`\\{${name}(\\.\\.\\.)?\\}`),
        () => encode(given[index] ?? "") || "x",
      );
    const search = pairs.map(([key, value]) => `${key}=${encode(value)}`).join("&");
    return { method: operation.method, target: search === "" ? target : `${target}?${search}`, body: text };
  });
}

/** Percent-encoded; a text that is not well-formed goes as the bytes that such a text has in CESU-8. */
function encode(text: string): string {
  return text.isWellFormed()
    ? encodeURIComponent(text)
    : Array.from(text, (unit) => (unit.isWellFormed() ? encodeURIComponent(unit) : "%ED%A0%80")).join("");
}

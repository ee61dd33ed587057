import { HearthError } from "../errors.ts";

export const gateOperators = [">=", "<=", "==", ">", "<"] as const;
export type GateOperator = (typeof gateOperators)[number];

/** What a metric is compared with. */
export type Threshold =
  | { kind: "number"; value: number }
  /** The same metric of the version that the alias names, and a number added to it. */
  | {
      kind: "alias";
      alias: string;
      offset: number;
      /** `or empty`: an alias that names no version yet lets the gate pass. */
      orEmpty: boolean;
    };

export interface GateExpression {
  metric: string;
  /** An end of the metric's confidence interval instead of its value. */
  bound?: "low" | "high";
  operator: GateOperator;
  threshold: Threshold;
}

interface Token {
  kind: "word" | "quoted" | "number" | "operator" | "sign" | "bracket" | "end";
  text: string;
  at: number;
}

/*
 * Tried in this order. A '-' belongs to a word only before a letter, so that `champion-0.01` is a
 * difference; `prod-2` as a name is written "prod-2".
 */
const patterns: [Token["kind"], RegExp][] = [
  ["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["word", /[A-Za-z_](?:[\w./]|-(?=[A-Za-z_]))*/y],
  ["quoted", /"[^"]*"/y],
  ["operator", />=|<=|==|>|</y],
  ["sign", /[+-]/y],
  ["bracket", /[()]/y],
];

const bounds = { ci_low: "low", ci_high: "high" } as const;

/**
 * Reads a gate:
 *
 *     gate      = measured operator threshold
 *     measured  = metric | ("ci_low" | "ci_high") "(" metric ")"
 *     operator  = ">=" | "<=" | "==" | ">" | "<"
 *     threshold = ["-"] number | alias [("+" | "-") number] ["or" "empty"]
 *
 * such as `accuracy >= 0.9`, `accuracy>=champion+0.01`, `validation_loss < champion or empty`,
 * `ci_low(accuracy) >= champion`: the low end of its confidence interval is at least the champion's accuracy.
 * Names with other characters than letters, digits, `_`, `.`, `/` and `-` stand in double quotes.
 *
 * @throws HearthError `invalid_request` naming the position, what was found and what was expected
 */
export function parseGate(source: string): GateExpression {
  const tokens = tokenise(source);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { kind: "end", text: "", at: source.length };
  const take = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const fail = (token: Token, expected: string): never => {
    const found = token.kind === "end" ? "its end" : `'${token.text}'`;
    throw new HearthError(
      "invalid_request",
      `the gate '${source}' cannot be read: at position ${token.at + 1} there is ${found}, expected ${expected}; write for example accuracy>=0.9 or accuracy>=champion+0.01`,
      { details: { field: "require", gate: source, position: token.at + 1, expected } },
    );
  };
  const name = (expected: string): string => {
    const token = take();
    if (token.kind === "word") return token.text;
    if (token.kind === "quoted" && token.text.length > 2) return token.text.slice(1, -1);
    return fail(token, expected);
  };
  const number = (): number => {
    const token = take();
    const value = Number(token.text);
    return token.kind === "number" && Number.isFinite(value) ? value : fail(token, "a number");
  };

  const measured = readMeasured();
  const operatorToken = take();
  const operator = gateOperators.find(
    (candidate) => operatorToken.kind === "operator" && candidate === operatorToken.text,
  );
  if (operator === undefined) return fail(operatorToken, `one of ${gateOperators.join(" ")}`);
  const threshold = readThreshold();
  if (peek().kind !== "end") fail(peek(), "nothing more");
  return { ...measured, operator, threshold };

  function readMeasured(): Pick<GateExpression, "metric" | "bound"> {
    const unquoted = peek().kind === "word";
    const metric = name("the name of a metric");
    if (!unquoted || !isBound(metric) || peek().text !== "(") return { metric };
    take();
    const bounded = name("the name of a metric");
    const close = take();
    if (close.kind !== "bracket" || close.text !== ")") fail(close, "')'");
    return { metric: bounded, bound: bounds[metric] };
  }

  function readThreshold(): Threshold {
    if (peek().kind === "number") return { kind: "number", value: number() };
    if (peek().kind === "sign" && peek().text === "-") {
      take();
      return { kind: "number", value: -number() };
    }
    const alias = name("a number or an alias");
    let offset = 0;
    if (peek().kind === "sign") offset = take().text === "-" ? -number() : number();
    let orEmpty = false;
    if (peek().kind === "word" && peek().text === "or") {
      take();
      const word = take();
      if (word.kind !== "word" || word.text !== "empty") fail(word, "'empty'");
      orEmpty = true;
    }
    return { kind: "alias", alias, offset, orEmpty };
  }
}

/** The shortest text that `parseGate` reads as this gate. */
export function formatGate({ operator, threshold, ...measured }: GateExpression): string {
  const left = `${formatMeasured(measured)}${operator}`;
  if (threshold.kind === "number") return `${left}${threshold.value}`;
  const offset =
    threshold.offset === 0 ? "" : threshold.offset < 0 ? String(threshold.offset) : `+${threshold.offset}`;
  return `${left}${formatName(threshold.alias)}${offset}${threshold.orEmpty ? " or empty" : ""}`;
}

/** The left side of a gate. */
export function formatMeasured({ metric, bound }: Pick<GateExpression, "metric" | "bound">): string {
  return bound === undefined ? formatName(metric) : `ci_${bound}(${formatName(metric)})`;
}

function isBound(name: string): name is keyof typeof bounds {
  return Object.hasOwn(bounds, name);
}

function formatName(name: string): string {
  const word = /^[A-Za-z_](?:[\w./]|-(?=[A-Za-z_]))*$/.test(name);
  return word ? name : `"${name}"`;
}

function tokenise(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(source[at] ?? "")) at += 1;
    if (at >= source.length) return tokens;
    const token = tokenAt(source, at);
    if (token === null) {
      throw new HearthError(
        "invalid_request",
        `the gate '${source}' cannot be read: the character '${source[at]}' at position ${at + 1} has no place in it; write for example accuracy>=0.9`,
        {
          details: { field: "require", gate: source, position: at + 1 },
        },
      );
    }
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(source: string, at: number): Token | null {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text, at };
  }
  return null;
}

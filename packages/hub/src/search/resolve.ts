import type { Condition, SortTerm, Test } from "./condition.ts";
import type { Entity, Field, Kind } from "./entity.ts";
import { parseFilter } from "./filter.ts";
import { checkedPattern } from "./like.ts";
import { parseOrderBy } from "./order-by.ts";
import { printName } from "./print.ts";
import { refusal, shown } from "./refusal.ts";
import { parseRegularExpression } from "./regular-expression/regular-expression.ts";
import type { Clause, Comparator, Literal, Name, OrderClause } from "./syntax.ts";

/**
 * Reads a filter and checks it against what the entity has. Conditions that always hold for the entity are
 * among the results, unless the filter speaks of the same field.
 *
 * @throws HearthError `invalid_request`
 */
export function resolveFilter(entity: Entity, filter: string): Condition[] {
  const asked = parseFilter(filter).map((clause) => resolveClause(entity, clause));
  const standing = (entity.standing ?? []).filter(
    ({ kind, key }) => !asked.some((condition) => condition.kind === kind && condition.key === key),
  );
  return [...asked, ...standing];
}

/**
 * Reads what results are to be ordered by, the first counts most.
 *
 * @throws HearthError `invalid_request`, also when a field is named twice
 */
export function resolveOrderBy(entity: Entity, orderBy: readonly string[]): SortTerm[] {
  return resolveOrder(entity, orderBy.map(parseOrderBy));
}

/** Like `resolveOrderBy` for orders that come in parts and not as text. */
export function resolveOrder(entity: Entity, clauses: readonly OrderClause[]): SortTerm[] {
  const terms = clauses.map((clause) => resolveOrderClause(entity, clause));
  terms.forEach((term, index) => {
    const same = terms.findIndex(({ kind, key }) => kind === term.kind && key === term.key);
    if (same !== index) {
      const name = clauses[index]?.name ?? { prefix: null, key: term.key };
      throw refusal(`order_by contains duplicate fields: ${shown(printName(name))} is named twice.`);
    }
  });
  return terms;
}

function resolveOrderClause(entity: Entity, { name, ascending }: OrderClause): SortTerm {
  const { kind, key, field } = resolveName(entity, name, (found) => found.sortable);
  if (!field.sortable) {
    throw refusal(`Invalid order_by entity: ${entity.noun} cannot be ordered by ${shown(printName(name))}.`, {
      field: printName(name),
    });
  }
  return { kind, key, type: field.type, ascending };
}

function resolveClause(entity: Entity, clause: Clause): Condition {
  const { kind, key, field } = resolveName(entity, clause.name, (found) => found.comparators.length > 0);
  if (!field.comparators.includes(clause.comparator)) {
    throw refusal(wrongComparator(entity, kind, clause, field), { comparator: clause.comparator });
  }
  const condition: Condition = { kind, key, type: field.type, test: resolveTest(clause, kind, field) };
  const absent = entity.absent?.[kind];
  return absent !== undefined && Object.hasOwn(absent, key) && absent[key] !== undefined
    ? { ...condition, absent: absent[key] }
    : condition;
}

function wrongComparator(entity: Entity, kind: string, clause: Clause, field: Field): string {
  if (field.comparators.length === 0) {
    return `Invalid attribute key '${shown(clause.name.key)}' specified: ${entity.noun} are ordered by it and not filtered.`;
  }
  if (clause.comparator === "IS NULL" || clause.comparator === "IS NOT NULL") {
    const able = Object.entries(entity.kinds).filter(([, { any }]) => any?.comparators.includes("IS NULL"));
    const names = able.map(([name]) => `${name}s`).join(" and ");
    if (names !== "") {
      return `IS NULL / IS NOT NULL is only supported for ${names}, not for ${kind} '${shown(clause.name.key)}'.`;
    }
  }
  return (
    `Invalid comparator '${clause.comparator}' for ${kind} '${shown(clause.name.key)}': ` +
    `not one of ${field.comparators.join(", ")}.`
  );
}

function resolveName(
  entity: Entity,
  name: Name,
  usable: (field: Field) => boolean,
): { kind: string; key: string; field: Field } {
  const kinds = Object.entries(entity.kinds);
  const found =
    name.prefix === null ? kinds[0] : kinds.find(([, { prefixes }]) => prefixes.includes(name.prefix ?? ""));
  if (found === undefined) {
    const valid = kinds.map(([, { prefixes }]) => prefixes[0]).join(", ");
    throw refusal(
      `Invalid entity type '${shown(name.prefix ?? "")}'. Valid values are ${valid}; ` +
        "what stands before the first dot names one, a bare key is an attribute.",
      { field: printName(name) },
    );
  }
  const [kind, rules] = found;
  const field = fieldOf(rules, name.key);
  if (field !== undefined) return { kind, ...field };
  const keys = Object.entries(rules.named ?? {}).filter(([, candidate]) => usable(candidate));
  const valid = [
    ...keys.map(([key]) => key),
    ...Object.keys(rules.beginnings ?? {}).map((beginning) => `${beginning}<name>`),
  ].join(", ");
  throw refusal(
    name.key === ""
      ? `Invalid ${kind} key: it is empty.`
      : `Invalid ${kind} key '${shown(name.key)}' specified for ${entity.noun}. Valid keys are ${valid}.`,
    { field: printName(name) },
  );
}

function fieldOf(rules: Kind, key: string): { key: string; field: Field } | undefined {
  if (key === "") return undefined;
  if (rules.any !== undefined) return { key, field: rules.any };
  const { named = {}, synonyms = {}, beginnings = {} } = rules;
  const synonym = Object.hasOwn(synonyms, key) ? synonyms[key] : undefined;
  const canonical = synonym ?? key;
  const field = Object.hasOwn(named, canonical) ? named[canonical] : undefined;
  if (field !== undefined) return { key: canonical, field };
  const open = Object.entries(beginnings).find(
    ([beginning]) => key.startsWith(beginning) && key.length > beginning.length,
  );
  return open === undefined ? undefined : { key, field: open[1] };
}

function resolveTest({ name, comparator, literal }: Clause, kind: string, field: Field): Test {
  const label = `${kind} ${shown(printName(name))}`;
  switch (comparator) {
    case "IS NULL":
    case "IS NOT NULL":
      return { comparator };
    case "IN":
    case "NOT IN":
      if (literal?.kind !== "list") throw expected("a list of quoted texts", label, literal);
      return { comparator, value: literal.texts };
    case "LIKE":
    case "ILIKE":
      return { comparator, value: checkedPattern(requireText(label, literal)) };
    case "RLIKE":
      return { comparator, value: parseRegularExpression(requireText(label, literal)) };
    case ">":
    case ">=":
    case "<":
    case "<=":
      return { comparator, value: requireNumber(label, field, literal, comparator) };
    case "=":
    case "!=":
      return {
        comparator,
        value:
          field.type === "text" || field.type === "mixed"
            ? requireText(label, literal)
            : requireNumber(label, field, literal, comparator),
      };
  }
}

function requireText(label: string, literal: Literal | null): string {
  if (literal?.kind === "text") return literal.text;
  throw expected("a quoted string value", label, literal, " (e.g. 'my-value')");
}

function requireNumber(label: string, field: Field, literal: Literal | null, comparator: Comparator): number {
  if (literal?.kind === "number") return literal.value;
  if (literal?.kind === "text" && field.quotedNumbers === true) {
    const value = literal.text.trim() === "" ? Number.NaN : Number(literal.text);
    if (!Number.isNaN(value)) return value;
  }
  throw field.type === "mixed"
    ? expected("a numeric value", label, literal, ` when using comparator '${comparator}'`)
    : expected("numeric value type", label, literal);
}

function expected(what: string, label: string, literal: Literal | null, more = "") {
  return refusal(`Expected ${what} for ${label}${more}. Found ${describe(literal)}.`, { field: label });
}

function describe(literal: Literal | null): string {
  if (literal === null) return "nothing";
  if (literal.kind === "number") return String(literal.value);
  if (literal.kind === "text") return `'${shown(literal.text)}'`;
  return `a list of ${literal.texts.length} values`;
}

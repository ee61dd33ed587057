import type { Comparator } from "./syntax.ts";
import type { Condition } from "./condition.ts";

/** What may be said of a field. */
export interface Field {
  /**
   * `integer` and `number` are compared with numbers, `text` with quoted texts. `mixed` holds either: ordering
   * comparators take a number, the others a text.
   */
  type: "text" | "integer" | "number" | "mixed";
  /** None: a field that results are ordered by but not filtered by. */
  comparators: readonly Comparator[];
  /** Whether results may be ordered by it. */
  sortable: boolean;
  /** A number in quotes is a number too. */
  quotedNumbers?: boolean;
}

/** Fields of one kind, such as the metrics of a run. */
export interface Kind {
  /** What may stand before the dot; the first is how messages write it. */
  prefixes: readonly string[];
  /** Every key has these rules … */
  any?: Field;
  /** … or these keys exist and no others, unless they begin with one of `beginnings`. */
  named?: Readonly<Record<string, Field>>;
  /** Other names of named keys. */
  synonyms?: Readonly<Record<string, string>>;
  beginnings?: Readonly<Record<string, Field>>;
}

/** What can be searched, and in which words. */
export interface Entity {
  /** In the plural, for messages. */
  noun: string;
  /** The first one is the kind of bare keys. */
  kinds: Readonly<Record<string, Kind>>;
  /** What a key that is missing reads as, by kind and key, where a missing one may match. */
  absent?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Conditions that hold unless the filter says something about the same field. */
  standing?: readonly Condition[];
}

import type { RawBuilder, SqlBool } from "kysely";
import type { Condition } from "./condition.ts";

export type Dialect = "sqlite" | "postgres";

/** An expression in SQL, such as sql.ref("runs.status"). */
export type Sql = RawBuilder<unknown>;

/** A condition written by the room that owns the tables. */
export type WriteCondition = (condition: Condition, dialect: Dialect) => RawBuilder<SqlBool>;

/** Where the values of one kind of field are. All expressions may name the row that is searched. */
export type Source =
  /** In the searched row: by key an expression, or a function where comparing a value is not enough. */
  | { kind: "columns"; columns: Readonly<Record<string, Sql | WriteCondition>> }
  /**
   * In rows of another table, at most one for an owner and a key: `select value from … where owner and key = …`.
   * A value whose `nan` is 1 is not a number and stored as 0.
   */
  | {
      kind: "pairs";
      from: Sql;
      /** True for the rows that belong to the searched one. */
      owned: RawBuilder<SqlBool>;
      key: Sql;
      value: Sql;
      nan?: Sql;
    }
  /**
   * In any number of rows of another table; a condition holds when one of them meets it, and with `together` one
   * has to meet all conditions of the kind.
   */
  | {
      kind: "rows";
      from: Sql;
      owned: RawBuilder<SqlBool>;
      columns: Readonly<Record<string, Sql>>;
      /** For keys that are not among the columns. */
      other?: WriteCondition;
      together: boolean;
    }
  | { kind: "custom"; write: WriteCondition };

/** Where everything that an entity describes is stored: a source for each of its kinds. */
export type Layout = Readonly<Record<string, Source>>;

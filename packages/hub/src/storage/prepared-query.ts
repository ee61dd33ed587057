import type { Compilable, CompiledQuery } from "kysely";
import type { Queries } from "./database.ts";

/** Stands in a query for a value that is known when it runs. */
type Place<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name];

/**
 * A query that is built once and run with new values each time, for the few that every request waits
 * for: building one takes Kysely several times as long as SQLite needs to answer it.
 */
export class PreparedQuery<Values extends object, Row> {
  readonly #build: (db: Queries, place: Place<Values>) => Compilable<Row>;
  readonly #names = new Map<unknown, keyof Values & string>();
  #compiled: CompiledQuery | undefined;

  constructor(build: (db: Queries, place: Place<Values>) => Compilable<Row>) {
    this.#build = build;
  }

  /** Of one database only: the text is in its dialect. */
  async run(db: Queries, values: Values): Promise<Row[]> {
    const compiled = (this.#compiled ??= this.#compile(db));
    const parameters = compiled.parameters.map((parameter) => {
      const name = this.#names.get(parameter);
      return name === undefined ? parameter : values[name];
    });
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows;
  }

  #compile(db: Queries): CompiledQuery {
    const place: Place<Values> = <Name extends keyof Values & string>(name: Name) => {
      const mark = Symbol(name);
      this.#names.set(mark, name);
      // Kysely hands parameters through as they are; this one never reaches a database.
      return mark as unknown as Values[Name];
    };
    return this.#build(db, place).compile();
  }
}

import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, it } from "vitest";
import { openDatabase, type Database, type DatabaseLocation } from "../database.ts";

/** A fresh database of one kind, and what a test may do to it. */
export interface TestDatabase {
  readonly database: Database;
  /** A second connection to the same database, closed with the test. */
  readonly openAgain: () => Promise<Database>;
}

// What the runner of the tests sets is no configuration of the hub.
// oxlint-disable-next-line node/no-process-env
const { DATABASE_URL_TEST, CI: continuousIntegration } = process.env;

/** A PostgreSQL server for tests, when there is one. */
export const serverUrl = DATABASE_URL_TEST;

/**
 * Runs a suite on SQLite and on PostgreSQL, every test with an empty database. Without a PostgreSQL
 * server its half is skipped and says so; in CI it fails.
 */
export function describeEachDatabase(name: string, suite: (open: () => TestDatabase) => void): void {
  describe(`${name} on SQLite`, () => {
    suite(withFresh(sqliteLocation));
  });
  if (serverUrl !== undefined) {
    describe(`${name} on PostgreSQL`, () => {
      suite(withFresh(() => postgresLocation(serverUrl)));
      afterAll(async () => {
        if (template === undefined) return;
        await onServer(serverUrl, `drop database ${await template} with (force)`);
        template = undefined;
      });
    });
  } else if (continuousIntegration === "true") {
    it(`${name} on PostgreSQL`, () => {
      throw new Error("DATABASE_URL_TEST is not set: run the tests through infra/postgres/with-postgres.sh");
    });
  } else {
    it.skip(`${name} on PostgreSQL (skipped: DATABASE_URL_TEST is not set; run make test)`, () => {
      throw new Error("needs a server");
    });
  }
}

interface Place {
  location: DatabaseLocation;
  remove(): Promise<void>;
}

function withFresh(make: () => Promise<Place>): () => TestDatabase {
  let place: Place | undefined;
  let opened: Database[] = [];
  const open = async (): Promise<Database> => {
    if (place === undefined) throw new Error("only inside a test");
    const database = await openDatabase(place.location);
    opened.push(database);
    return database;
  };
  const fresh = async () => {
    place = await make();
    await open();
  };
  const close = async () => {
    for (const database of opened.toReversed()) await database[Symbol.asyncDispose]();
    opened = [];
    await place?.remove();
    place = undefined;
  };
  beforeEach(fresh);
  afterEach(close);
  return () => {
    const [database] = opened;
    if (database === undefined) throw new Error("only inside a test");
    return { database, openAgain: open };
  };
}

async function sqliteLocation(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "hearth-storage-"));
  return {
    location: { kind: "sqlite", path: join(folder, "hearth.db") },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A database with all tables, made once a file: copying it is quicker than making the tables again. */
let template: Promise<string> | undefined;

async function makeTemplate(server: string): Promise<string> {
  const name = `hearth_template_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await (await openDatabase({ kind: "postgres", url: url.href }))[Symbol.asyncDispose]();
  return name;
}

async function postgresLocation(server: string): Promise<Place> {
  template ??= makeTemplate(server);
  const name = `hearth_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name} template ${await template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    location: { kind: "postgres", url: url.href },
    remove: () => onServer(server, `drop database ${name} with (force)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

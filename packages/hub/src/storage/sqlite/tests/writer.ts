import { openDatabase } from "../../database.ts";
import { addExperiment } from "../../tests/samples.ts";

/** Writes rows without end and tells the parent each name once it is acknowledged. */
const database = await openDatabase({ kind: "sqlite", path: process.argv[2] ?? "" });
for (let round = 0; ; round++) {
  const names = Array.from({ length: 8 }, (_, index) => `row-${round}-${index}`);
  await Promise.all(
    names.map(async (name) => {
      await database.write((db) => addExperiment(db, name));
      process.send?.(name);
    }),
  );
}

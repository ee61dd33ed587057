import type { Command } from "commander";
import { createContext } from "../context.ts";
import { describeReproduction } from "../describe-reproduction.ts";
import { Unsuccessful } from "../errors.ts";
import { followJob } from "../follow-job.ts";
import { parseVersionReference } from "../reference.ts";

export function registerReproduce(program: Command): void {
  program
    .command("reproduce <name:version>")
    .description("train a version again from its stored specification and compare the bytes")
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { name, version } = parseVersionReference(reference);
      const expected = await client.models.resolve(reference, { signal });
      const queued = await client.models.reproduce(name, version, { signal });
      const job = await followJob(client, queued.id, { title: `reproduce ${reference}`, signal });
      const identical = job.identical === true;
      output.line(`expected ${expected.sha256}`);
      output.line(`got      ${job.adapter_sha256}`);
      for (const line of job.reproduction === null ? [] : describeReproduction(job.reproduction))
        output.line(line);
      const result = {
        identical,
        expected_sha256: expected.sha256,
        actual_sha256: job.adapter_sha256,
        reproduction: job.reproduction,
        job,
      };
      if (!identical) {
        const [cause] = job.reproduction?.causes ?? [];
        const why = cause === undefined ? "" : `; ${cause.likelihood} cause: ${cause.what}`;
        throw new Unsuccessful(`${reference} came out differently${why}`, result);
      }
      output.line(`${reference} is reproduced to the same bytes`);
      output.result(result);
    });
}

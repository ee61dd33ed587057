import { hub } from "../../hub/hub.ts";

/** Evaluates what the gates of a promotion lack, until they lack nothing that an evaluation gives. */
export async function measureMissing(
  model: string,
  request: { version: number; alias: string; require: string[] },
): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const { checks } = await hub.models.promote(model, { ...request, dry_run: true });
    const next = checks
      .flatMap(({ needed }) => needed ?? [])
      .find((needed) => !done.has(JSON.stringify(needed)));
    if (next === undefined) return;
    done.add(JSON.stringify(next));
    const { limit, ...evaluation } = next;
    await hub.evaluations.run({ ...evaluation, ...(limit === null ? {} : { limit }) });
  }
}

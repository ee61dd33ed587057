import type { RunDetails } from "@hearth/wire/hub/run-details";
import { Section } from "../../../components/section.tsx";
import { PairTable } from "./pair-table.tsx";

/** What a run was told before it began. */
export function RunParams({ run, find }: { run: RunDetails; find: string }) {
  const pairs = Object.entries(run.params).map(([key, value]) => ({ key, value }));
  return (
    <Section title="Parameters">
      <PairTable title="Parameters" pairs={pairs} find={find} none="None were logged." />
    </Section>
  );
}

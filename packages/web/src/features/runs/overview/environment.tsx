import type { RunDetails } from "@hearth/wire/hub/run-details";
import { formatBytes } from "../../../components/format.ts";
import { FactList, type Fact } from "./fact-list.tsx";

const names: Record<string, string> = {
  "system.os": "System",
  "system.arch": "Architecture",
  "system.cpu": "Processor",
  "system.cpu_count": "Cores",
  "system.runtime": "Runtime",
  "packages.lock": "Packages",
  "packages.lock_sha256": "Their checksum",
};

export interface EnvironmentProps {
  run: RunDetails;
  /** Of the hub's own job. */
  environment: Readonly<Record<string, string>>;
}

/** What a run's program ran on and with, where that was recorded. */
export function Environment({ run: { tags }, environment }: EnvironmentProps) {
  const memory = Number(tags["system.memory_bytes"]);
  const facts: Fact[] = [
    ...Object.entries(names).map(([key, name]) => [name, tags[key]] as const),
    ["Memory", memory > 0 && formatBytes(memory)],
    ...Object.entries(environment).map(([key, value]) => [key.replaceAll("_", " "), value] as const),
  ];
  return <FactList title="Environment" facts={facts} />;
}

import { Anchor, Button, Table, Text } from "@mantine/core";
import type { EngineState } from "@hearth/wire/hub/serving";
import type { ModelStatistics } from "@hearth/wire/hub/serving-statistics";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { referenceAddress } from "../../routing/addresses.ts";
import { formatRate, formatShare, formatSpread } from "./figures.ts";
import { useLoad } from "./use-load.ts";

const titles = [
  "Model",
  "Requests",
  "Read",
  "Written",
  "First token, p50 / p95",
  "Whole answer, p50 / p95",
  "Tokens/s",
  "Wait, p50 / p95",
  "Cache hits",
  "Failed",
  "Refused",
  "Load",
];

/** What each model did in the window. */
export function ByModel({
  models,
  engines,
}: {
  models: readonly ModelStatistics[];
  engines: readonly EngineState[];
}) {
  const load = useLoad();
  if (models.length === 0) return null;
  const loaded = new Set(engines.map(({ base }) => base));
  return (
    <Section title="By model">
      {load.error !== null && <ErrorNotice error={load.error} />}
      <TitledTable label="By model" titles={titles} minWidth={1040}>
        {models.map((model) => (
          <Table.Tr key={model.model} className="figures">
            <Table.Td>
              {isOwn(model.model) ? (
                <Anchor inherit href={referenceAddress(model.model)}>
                  {model.model}
                </Anchor>
              ) : (
                model.model
              )}
            </Table.Td>
            <Table.Td>{formatCount(model.requests)}</Table.Td>
            <Table.Td>{formatCount(model.prompt_tokens)}</Table.Td>
            <Table.Td>{formatCount(model.completion_tokens)}</Table.Td>
            <Table.Td>{formatSpread(model.ttft_ms)}</Table.Td>
            <Table.Td>{formatSpread(model.latency_ms)}</Table.Td>
            <Table.Td>{formatRate(model.tokens_per_second)}</Table.Td>
            <Table.Td>{formatSpread(model.queue_ms)}</Table.Td>
            <Table.Td>{formatShare(model.cache_hit_share)}</Table.Td>
            <Table.Td>{formatCount(model.errors)}</Table.Td>
            <Table.Td>{formatCount(model.refused)}</Table.Td>
            <Table.Td>
              {loaded.has(model.model) ? (
                <Text size="sm" c="dimmed">
                  loaded
                </Text>
              ) : (
                isOwn(model.model) && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={load.isPending}
                    aria-label={`load ${model.model}`}
                    onClick={() => load.mutate(model.model)}
                  >
                    load
                  </Button>
                )
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </TitledTable>
    </Section>
  );
}

/** A version of this hub; what other servers have is theirs to load. */
function isOwn(reference: string): boolean {
  return !reference.includes("/") && reference.includes(":");
}

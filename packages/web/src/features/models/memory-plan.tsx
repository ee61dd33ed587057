import { Alert, Group, Progress, Skeleton, Stack, Table, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { MemoryPlan } from "@hearth/wire/hub/serving";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatBytes, formatCount } from "../../components/format.ts";
import { hub } from "../../hub/hub.ts";

const memoryQuery = (model: string, version: number) =>
  queryOptions({
    queryKey: ["model", model, "versions", version, "memory"],
    queryFn: ({ signal }) => hub.models.memory(model, version, { signal }),
    meta: { topics: ["models", "serving", "jobs"] },
  });

/** What a version takes in memory or would take, what is free, and what would have to go for it. */
export function VersionMemory({ model, version }: { model: string; version: number }) {
  const { data: plan, error } = useQuery(memoryQuery(model, version));
  if (error !== null) return <ErrorNotice error={error} />;
  if (plan === undefined) return <Skeleton height={120} />;
  return (
    <Stack gap="sm">
      {plan.refusal !== null && (
        <Alert color="red" title="It could not be loaded now">
          {plan.refusal}
        </Alert>
      )}
      {plan.evicts.length > 0 && (
        <Alert color="yellow" title="To make room, what nobody uses now would be unloaded">
          {plan.evicts.map((one) => `${one.base} (${formatBytes(one.reserved_bytes)})`).join(", ")}
        </Alert>
      )}
      <BudgetBar plan={plan} />
      <PlanTable plan={plan} />
    </Stack>
  );
}

function BudgetBar({ plan }: { plan: MemoryPlan }) {
  const { budget_bytes: budget, used_bytes: used, total_bytes: own, loaded, evicts } = plan;
  const gone = evicts.reduce((sum, one) => sum + one.reserved_bytes, 0);
  const others = loaded ? used - own : used - gone;
  const share = (bytes: number) => (100 * Math.max(0, bytes)) / Math.max(budget, others + own, 1);
  return (
    <div>
      <Progress.Root size="xl" radius="sm" aria-label="Memory budget" role="group">
        <Progress.Section value={share(others)} color="gray" aria-label="Taken by others" />
        <Progress.Section
          value={share(own)}
          color={plan.refusal === null ? "ember" : "red"}
          aria-label={plan.base}
        />
      </Progress.Root>
      <Group gap="md" mt={4} fz="sm" className="figures">
        <Text inherit>
          {plan.base} {loaded ? "takes" : "would take"} <b>{formatBytes(own)}</b>
        </Text>
        <Text inherit c="dimmed">
          {formatBytes(Math.max(0, budget - used))} of {formatBytes(budget)} are free now
        </Text>
      </Group>
    </div>
  );
}

function PlanTable({ plan }: { plan: MemoryPlan }) {
  const tokens = plan.context === null ? "" : ` × ${formatCount(plan.context)} tokens`;
  const rows: [string, number][] = [
    ["Weights", plan.weights_bytes],
    [`Contexts (${plan.slots} slots${tokens}, ${plan.kv_cache_type})`, plan.kv_cache_bytes],
    ["Buffers and the process", plan.compute_bytes],
  ];
  if (plan.adapter_bytes > 0)
    rows.push([`Of these, for each of ${plan.adapters} adapters that are kept ready`, plan.adapter_bytes]);
  return (
    <Table aria-label="Memory" maw={560}>
      <Table.Tbody>
        {rows.map(([name, bytes]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={400}>
              {name}
            </Table.Th>
            <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
              {formatBytes(bytes)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

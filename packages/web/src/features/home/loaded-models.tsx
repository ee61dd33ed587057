import { Anchor, Group, Stack, Text } from "@mantine/core";
import type { EngineState } from "@hearth/wire/hub/serving";
import { formatBytes } from "../../components/format.ts";
import { referenceAddress } from "../../routing/addresses.ts";
import { HomeCard } from "./home-card.tsx";

/** The models that can answer without being loaded first. */
export function LoadedModels({ engines }: { engines: readonly EngineState[] }) {
  return (
    <HomeCard title="Loaded">
      {engines.length === 0 && (
        <Text c="dimmed" size="sm">
          No model is loaded. The first request loads it.
        </Text>
      )}
      <Stack gap={6}>
        {engines.map((engine) => (
          <Group key={`${engine.base} ${engine.pid}`} justify="space-between" wrap="nowrap">
            <Anchor size="sm" fw={600} truncate href={referenceAddress(engine.base)}>
              {engine.base}
            </Anchor>
            <Text size="sm" c="dimmed" className="figures" style={{ whiteSpace: "nowrap" }}>
              {doing(engine)} · {formatBytes(engine.memory_bytes)}
            </Text>
          </Group>
        ))}
      </Stack>
    </HomeCard>
  );
}

/** Those that wait are counted among the active ones. */
function doing({ context, active, waiting }: EngineState): string {
  if (context === null) return "loading";
  if (active === 0) return "idle";
  return waiting === 0 ? `${active} active` : `${active - waiting} active, ${waiting} waiting`;
}

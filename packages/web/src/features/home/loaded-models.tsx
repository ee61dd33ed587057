import { Group, Stack, Text } from "@mantine/core";
import type { EngineState } from "@hearth/wire/hub/serving";
import { formatBytes } from "../../components/format.ts";
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
          <Group key={engine.pid} justify="space-between" wrap="nowrap">
            <Text size="sm" fw={600} truncate>
              {engine.base}
            </Text>
            <Text size="sm" c="dimmed" className="figures" style={{ whiteSpace: "nowrap" }}>
              {engine.context === null ? "loading" : `${engine.active} active`} ·{" "}
              {formatBytes(engine.memory_bytes)}
            </Text>
          </Group>
        ))}
      </Stack>
    </HomeCard>
  );
}

import { Progress, Stack, Text } from "@mantine/core";
import type { HubStatus } from "@hearth/wire/hub/status";
import { formatBytes } from "../../components/format.ts";
import { HomeCard } from "./home-card.tsx";

/** How much of the machine is taken, by everything and by the hub's models. */
export function MachineCard({ status }: { status: HubStatus }) {
  const { machine, memory } = status;
  const taken = machine.memory_total_bytes - machine.memory_available_bytes;
  const [load = 0] = machine.load_average;
  return (
    <HomeCard title="Machine">
      <Stack gap={6}>
        <Reading
          label="Memory"
          text={`${formatBytes(taken)} of ${formatBytes(machine.memory_total_bytes)}`}
          share={taken / machine.memory_total_bytes}
        />
        <Reading
          label="Models' budget"
          text={`${formatBytes(memory.used_bytes)} of ${formatBytes(memory.budget_bytes)}`}
          share={memory.used_bytes / memory.budget_bytes}
        />
        <Reading
          label="Load"
          text={`${load.toFixed(2)} on ${machine.cores} cores`}
          share={load / machine.cores}
        />
      </Stack>
    </HomeCard>
  );
}

function Reading({ label, text, share }: { label: string; text: string; share: number }) {
  return (
    <div>
      <Text size="sm" className="figures">
        {label}: {text}
      </Text>
      <Progress
        value={Math.min(100, 100 * share)}
        color={share > 0.9 ? "red" : "ember"}
        aria-label={label}
        mt={2}
      />
    </div>
  );
}

import { Group, List, Text } from "@mantine/core";
import type { TrainingJob } from "@hearth/wire/hub/training";
import type { GuardKind, JobGuard } from "@hearth/wire/hub/training-queue";
import { Age } from "../../components/age.tsx";
import { Section } from "../../components/section.tsx";

const titles: Record<GuardKind, string> = {
  not_finite: "Loss or gradients were no numbers",
  loss_spike: "Loss spike",
  memory: "Memory",
  disk: "Disk",
  cooldown: "Heat",
  sleep: "The machine slept",
};

const actions: Record<JobGuard["action"], string> = {
  reported: "reported",
  went_back: "went back at half the rate",
  waited: "waited",
  stopped: "stopped the job",
  refused: "refused the job",
  continued: "went on",
};

/** What guards did to a job; nothing where none did. */
export function JobGuards({ job }: { job: TrainingJob }) {
  if (job.guards.length === 0) return null;
  return (
    <Section title="Guards that acted">
      <List spacing="xs" listStyleType="none" aria-label="Guards that acted">
        {job.guards.map((guard) => (
          <List.Item key={`${guard.kind} ${guard.step ?? ""} ${guard.at}`}>
            <Group gap="xs">
              <Text size="sm" fw={600}>
                {titles[guard.kind]}
                {guard.step === null ? "" : `, step ${guard.step}`}: {actions[guard.action]}
              </Text>
              <Text size="sm" c="dimmed">
                <Age at={guard.at} />
              </Text>
            </Group>
            <Text size="sm">{guard.message}</Text>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}

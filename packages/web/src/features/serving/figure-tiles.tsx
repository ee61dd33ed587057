import { Card, SimpleGrid, Text } from "@mantine/core";
import type { ServingStatistics } from "@hearth/wire/hub/serving-statistics";
import type { HubStatus } from "@hearth/wire/hub/status";
import { formatBytes, formatCount } from "../../components/format.ts";
import { formatMs, formatRate, formatShare, secondsOf } from "./figures.ts";

interface Figure {
  label: string;
  value: string;
  detail: string;
}

/** What all models did in the window, and who waits now. */
export function FigureTiles({ statistics, status }: { statistics: ServingStatistics; status: HubStatus }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      {[...pastFigures(statistics), ...presentFigures(status)].map(({ label, value, detail }) => (
        <Card key={label} withBorder padding="sm" role="group" aria-label={label}>
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text fw={600} size="lg" className="figures">
            {value}
          </Text>
          <Text size="xs" c="dimmed" className="figures">
            {detail}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}

function pastFigures(statistics: ServingStatistics): Figure[] {
  const { total } = statistics;
  const seconds = secondsOf(statistics);
  return [
    {
      label: "Requests",
      value: formatCount(total.requests),
      detail: `${formatRate((60 * total.requests) / seconds)} a minute`,
    },
    {
      label: "First token",
      value: formatMs(total.ttft_ms?.p50),
      detail: `95 % within ${formatMs(total.ttft_ms?.p95)}`,
    },
    {
      label: "Whole answer",
      value: formatMs(total.latency_ms?.p50),
      detail: `95 % within ${formatMs(total.latency_ms?.p95)}`,
    },
    {
      label: "Tokens written",
      value: formatCount(total.completion_tokens),
      detail: `${formatCount(total.prompt_tokens)} read · ${formatRate(total.tokens_per_second)} a second each`,
    },
    {
      label: "Not answered",
      value: formatCount(total.errors + total.refused),
      detail: `${total.errors} failed · ${total.refused} refused · ${total.cancelled} cancelled`,
    },
    {
      label: "Cache hits",
      value: formatShare(total.cache_hit_share),
      detail: `${formatCount(total.cached_tokens)} prompt tokens not computed again`,
    },
    {
      label: "Wait for a slot",
      value: formatMs(total.queue_ms?.p50),
      detail: `95 % within ${formatMs(total.queue_ms?.p95)}`,
    },
  ];
}

function presentFigures({ inference, memory }: HubStatus): Figure[] {
  return [
    {
      label: "Right now",
      value: `${inference.active - inference.queued} answering`,
      detail: `${inference.queued} waiting · models hold ${formatBytes(memory.used_bytes)} of ${formatBytes(memory.budget_bytes)}`,
    },
  ];
}

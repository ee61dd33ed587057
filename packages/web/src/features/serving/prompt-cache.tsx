import { Progress, Stack, Text } from "@mantine/core";
import type { EngineState } from "@hearth/wire/hub/serving";
import type { AnswerFigures } from "@hearth/wire/hub/serving-statistics";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatBytes, formatCount } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { cacheQuery } from "./queries.ts";

/** What of earlier prompts need not be computed again: in the slots of loaded models, and on disk. */
export function PromptCache({ total, engines }: { total: AnswerFigures; engines: readonly EngineState[] }) {
  const { data, error } = useQuery(cacheQuery);
  const slots = engines.reduce((sum, engine) => sum + engine.slots * (1 + engine.adapters), 0);
  const adapters = engines.reduce((sum, engine) => sum + engine.adapters, 0);
  return (
    <Section title="Prompt cache">
      {error !== null && <ErrorNotice error={error} />}
      <Stack gap={4} maw={520}>
        <Text size="sm" className="figures">
          {formatCount(total.cached_tokens)} of {formatCount(total.prompt_tokens)} prompt tokens were taken
          over from earlier prompts.
        </Text>
        <Text size="sm" className="figures">
          In memory: {counted(slots, "slot")} in {counted(engines.length + adapters, "context")}, of{" "}
          {counted(engines.length, "model")} and {counted(adapters, "adapter")}.
        </Text>
        {data !== undefined && (
          <>
            <Text size="sm" className="figures">
              On disk: {counted(data.stored, "prompt")}, {formatBytes(data.bytes)} of{" "}
              {formatBytes(data.limit_bytes)}.
            </Text>
            <Progress
              size="sm"
              value={(100 * data.bytes) / data.limit_bytes}
              aria-label="Of the room for prompts on disk"
            />
          </>
        )}
      </Stack>
    </Section>
  );
}

function counted(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? "" : "s"}`;
}

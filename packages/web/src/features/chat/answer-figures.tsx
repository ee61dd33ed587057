import { Text } from "@mantine/core";
import type { AnswerMetadata } from "@hearth/wire/chat/message";
import { formatCount, formatSeconds } from "../../components/format.ts";

/** What an answer took, and what its provider did not do as asked. */
export function AnswerFigures({ metadata }: { metadata: AnswerMetadata }) {
  const { ttft_ms, tokens_per_second, input_tokens, output_tokens, warnings = [] } = metadata;
  const figures = [
    typeof tokens_per_second === "number" && `${tokens_per_second.toFixed(1)} tokens/s`,
    ttft_ms !== undefined && `first token after ${formatSeconds(ttft_ms / 1000)}`,
    typeof output_tokens === "number" && `${formatCount(output_tokens)} tokens`,
    typeof input_tokens === "number" && `prompt ${formatCount(input_tokens)}`,
  ].filter((figure) => figure !== false);
  return (
    <>
      {warnings.map((warning) => (
        <Text key={warning} size="xs" c="dimmed" mt={4} style={{ overflowWrap: "anywhere" }}>
          Not done as asked: {warning}
        </Text>
      ))}
      {figures.length > 0 && (
        <Text size="xs" c="dimmed" mt={4} className="figures">
          {figures.join(" · ")}
        </Text>
      )}
    </>
  );
}

import { Alert, Badge, Group, Stack, Table, Text, Title } from "@mantine/core";
import type { TraceSpan } from "@hearth/wire/hub/traces";
import { formatCount, formatSeconds } from "../../components/format.ts";
import { durationMs } from "./span-tree.ts";
import { formatCost, spanFacts } from "./span-facts.ts";
import { Folded, Value } from "./value.tsx";

/** One span: what went in and out, what failed, what it cost, and every attribute. */
export function SpanDetails({ span }: { span: TraceSpan }) {
  const facts = spanFacts(span);
  const duration = durationMs(span);
  return (
    <Stack gap="sm" component="section" aria-label={`Span ${span.name}`}>
      <Group gap="xs">
        <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
          {span.name}
        </Title>
        {facts.type !== null && (
          <Badge variant="outline" color="gray">
            {facts.type.toLowerCase().replaceAll("_", " ")}
          </Badge>
        )}
      </Group>
      <Text size="sm" className="figures">
        {[
          facts.model,
          duration === null ? "running" : formatSeconds(duration / 1000),
          facts.inputTokens === null ? null : `${formatCount(facts.inputTokens)} tokens in`,
          facts.outputTokens === null ? null : `${formatCount(facts.outputTokens)} out`,
          facts.cost === null ? null : formatCost(facts.cost),
        ]
          .filter((fact) => fact !== null)
          .join(" · ")}
      </Text>
      {span.status === "ERROR" && (
        <Alert color="red" title="This span failed">
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {span.status_message === "" ? "Its client gave no reason." : span.status_message}
          </Text>
        </Alert>
      )}
      {facts.inputs !== undefined && <Value label="Input" value={facts.inputs} />}
      {facts.outputs !== undefined && <Value label="Output" value={facts.outputs} />}
      {span.events.map((event, index) => (
        <Event key={index} event={event} span={span} />
      ))}
      {facts.others.length > 0 && <Pairs caption="Attributes" pairs={facts.others} />}
    </Stack>
  );
}

function Event({ event, span }: { event: TraceSpan["events"][number]; span: TraceSpan }) {
  const after = Number(BigInt(event.time_ns) - BigInt(span.start_ns)) / 1e9;
  if (event.name === "exception") {
    const {
      "exception.type": type,
      "exception.message": message,
      "exception.stacktrace": stack,
    } = event.attributes;
    return (
      <Alert color="red" title={typeof type === "string" ? type : "Exception"}>
        <Stack gap="xs">
          {typeof message === "string" && <Text size="sm">{message}</Text>}
          {typeof stack === "string" && <Folded text={stack} />}
        </Stack>
      </Alert>
    );
  }
  return (
    <div>
      <Text size="sm">
        <strong>{event.name}</strong> after {formatSeconds(Math.max(0, after))}
      </Text>
      {Object.keys(event.attributes).length > 0 && (
        <Pairs caption={`Of the event ${event.name}`} pairs={Object.entries(event.attributes)} />
      )}
    </div>
  );
}

/** Names and values from outside, as text. */
export function Pairs({
  caption,
  pairs,
}: {
  caption: string;
  pairs: readonly (readonly [string, unknown])[];
}) {
  return (
    <Table layout="fixed" captionSide="top">
      <Table.Caption ta="left" fw={600} c="var(--mantine-color-text)">
        {caption}
      </Table.Caption>
      <Table.Tbody>
        {pairs.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w="40%" fw={400} style={{ overflowWrap: "anywhere" }}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
              {typeof value === "string" ? value.slice(0, 4000) : JSON.stringify(value)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

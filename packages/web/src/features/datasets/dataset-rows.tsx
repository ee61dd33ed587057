import { Group, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import {
  splitName,
  type Dataset,
  type DatasetMessage,
  type DatasetRowContent,
} from "@hearth/wire/hub/datasets";
import { z } from "zod";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";
import { Pages } from "../../components/pages.tsx";

const rowsOnPage = 10;

/** The rows of a split, a page at a time; the address keeps which. */
export function DatasetRowsPreview({ dataset }: { dataset: Dataset }) {
  const { name } = useParams({ from: "/datasets/$name" });
  const search = useSearch({ from: "/datasets/$name" });
  const navigate = useNavigate();
  const splits = splitName.options.filter((split) => dataset.splits[split] !== undefined);
  const split = search.split ?? splits[0] ?? "train";
  const page = search.page ?? 1;
  const offset = (page - 1) * rowsOnPage;
  const { data, error } = useQuery({
    queryKey: ["dataset", dataset.id, "rows", split, offset],
    queryFn: ({ signal }) => hub.datasets.rows(dataset.id, { split, offset, limit: rowsOnPage, signal }),
    placeholderData: keepPreviousData,
    // A stored version never changes.
    staleTime: Infinity,
  });
  const show = (next: { split?: typeof split; page?: number }) =>
    void navigate({
      to: "/datasets/$name",
      params: { name },
      search: { split, ...next },
      replace: true,
      resetScroll: false,
    });
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Rows
        </Title>
        <SegmentedControl
          aria-label="Split"
          data={splits}
          value={split}
          onChange={(value) => show({ split: splitName.parse(value) })}
        />
      </Group>
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && (
        <Stack gap="xs">
          {data.items.map((row, index) => (
            <Paper
              withBorder
              p="sm"
              key={data.offset + index}
              role="group"
              aria-label={`Row ${data.offset + index + 1}`}
            >
              <Row row={row} />
            </Paper>
          ))}
          <Pages
            total={Math.ceil(data.total / rowsOnPage)}
            value={page}
            onChange={(next) => show({ page: next })}
          />
        </Stack>
      )}
    </section>
  );
}

function Row({ row }: { row: DatasetRowContent }) {
  switch (row.format) {
    case "chat":
      return (
        <>
          {row.tools !== undefined && <Said by="tools" text={row.tools.map(toolName).join(", ")} />}
          {row.messages.map((message, index) => (
            <Said key={index} by={message.role} text={saidBy(message)} />
          ))}
        </>
      );
    case "prompt":
      return (
        <>
          <Said by="prompt" text={row.prompt} />
          <Said by="completion" text={row.completion} />
        </>
      );
    case "text":
      return <Said by="text" text={row.text} />;
  }
}

/** Its content, and the calls that it makes. */
function saidBy({ content, tool_calls: calls = [] }: DatasetMessage): string {
  const called = calls.map(({ function: { name, arguments: given } }) => {
    return `calls ${name}(${typeof given === "string" ? given : JSON.stringify(given)})`;
  });
  return [...(content === "" ? [] : [content]), ...called].join("\n");
}

const namedTool = z.looseObject({ function: z.looseObject({ name: z.string() }) });

function toolName(tool: Record<string, unknown>): string {
  const named = namedTool.safeParse(tool);
  return named.success ? named.data.function.name : JSON.stringify(tool);
}

function Said({ by, text }: { by: string; text: string }) {
  return (
    <Group align="flex-start" wrap="nowrap" gap="sm">
      <Text size="sm" c="dimmed" w={84} style={{ flexShrink: 0 }}>
        {by}
      </Text>
      <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Text>
    </Group>
  );
}

import { SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { ErrorNotice } from "../../../../components/error-notice.tsx";
import { formatBytes } from "../../../../components/format.ts";
import { Markdown } from "../../../../components/markdown/markdown.tsx";
import { hub } from "../../../../hub/hub.ts";
import { useRunView } from "../../run-tab.ts";
import { BinaryFile, type FileProps } from "./binary-file.tsx";
import { CodeView } from "./code-view.tsx";
import { textOf } from "./file-text.ts";
import { JsonTree } from "./json-tree.tsx";
import { parseJson } from "./json-value.ts";
import { previewKind } from "./preview-kind.ts";

const CsvTable = lazy(async () => ({ default: (await import("./csv-table.tsx")).CsvTable }));

/** So many bytes of a file are fetched and shown, whatever its size. */
const mostBytes = 1_000_000;

/** The beginning of a file that may be text: as it is written, or as what it means. */
export function TextPreview({ runId, path, file }: FileProps) {
  const { data, error } = useQuery({
    queryKey: ["runs", runId, "artifact text", path, file.size, file.modified_at],
    queryFn: async ({ signal }) => {
      const { bytes, size } = await hub.runs.artifactStart(runId, path, { bytes: mostBytes, signal });
      return { text: textOf(bytes), bytes: bytes.byteLength, size };
    },
    // It is asked again under another key when the file has changed.
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={200} />;
  if (data.text === null) return <BinaryFile />;
  if (data.size === 0) return <Text c="dimmed">The file is empty.</Text>;
  return (
    <Stack gap="sm">
      {data.bytes < data.size && (
        <Text size="sm" role="status">
          This is the first {formatBytes(data.bytes)} of {formatBytes(data.size)}; download it for the rest.
        </Text>
      )}
      <Content name={file.name} text={data.text} whole={data.bytes === data.size} />
    </Stack>
  );
}

interface ContentProps {
  name: string;
  text: string;
  /** Whether that is all of it. */
  whole: boolean;
}

function Content({ name, text, whole }: ContentProps) {
  const { view, change } = useRunView();
  const kind = previewKind(name);
  const meant = meaningOf(kind, text, whole);
  const language = kind.kind === "text" ? kind.language : kind.kind === "table" ? null : kind.kind;
  const source = <CodeView text={text} language={language} />;
  if (meant === null) return source;
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="How it is shown"
        style={{ alignSelf: "flex-start" }}
        data={[
          { value: "meaning", label: "Preview" },
          { value: "source", label: "Source" },
        ]}
        value={view.source === true ? "source" : "meaning"}
        onChange={(value) => change({ source: value === "source" ? true : undefined })}
      />
      {view.source === true ? source : meant}
    </>
  );
}

/** What a text stands for, drawn; null when it is only text. */
function meaningOf(kind: ReturnType<typeof previewKind>, text: string, whole: boolean) {
  switch (kind.kind) {
    case "markdown":
      return <Markdown text={text} />;
    case "json": {
      // Half of it is no JSON.
      const value = whole ? parseJson(text) : undefined;
      return value === undefined ? null : <JsonTree value={value} />;
    }
    case "table":
      return (
        <Suspense fallback={<Skeleton height={200} />}>
          <CsvTable text={text} whole={whole} delimiter={kind.delimiter} />
        </Suspense>
      );
    case "text":
    case "picture":
    case "audio":
    case "video":
    case "binary":
      return null;
  }
}

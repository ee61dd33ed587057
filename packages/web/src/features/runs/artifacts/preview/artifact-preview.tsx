import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Age } from "../../../../components/age.tsx";
import { EmptyState } from "../../../../components/empty-state.tsx";
import { ErrorNotice } from "../../../../components/error-notice.tsx";
import { formatBytes } from "../../../../components/format.ts";
import { hub } from "../../../../hub/hub.ts";
import { shownName } from "../shown-name.ts";
import { BinaryFile, type FileProps } from "./binary-file.tsx";
import { MediaPreview } from "./media-preview.tsx";
import { previewKind } from "./preview-kind.ts";
import { TextPreview } from "./text-preview.tsx";

export interface ArtifactPreviewProps {
  runId: string;
  /** Empty: none is chosen. */
  path: string;
}

/** One file of a run: what it is, a download, and what is in it. */
export function ArtifactPreview({ runId, path }: ArtifactPreviewProps) {
  const { data, error } = useQuery({
    queryKey: ["runs", runId, "artifact", path],
    queryFn: ({ signal }) => hub.runs.artifacts(runId, { path, limit: 0, signal }),
    meta: { topics: ["artifacts"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={200} />;
  if (path === "" || data.found?.kind === "folder")
    return <EmptyState title="Choose a file">What is in it is shown here.</EmptyState>;
  if (data.found === null)
    return (
      <EmptyState title="No such file">
        There is no {shownName(path.slice(0, 300))} among the artifacts of this run, or not any more.
      </EmptyState>
    );
  return <FilePreview runId={runId} path={path} file={data.found} />;
}

function FilePreview({ runId, path, file }: FileProps) {
  const { kind } = previewKind(file.name);
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start" gap="xs">
        <div>
          <Title order={2} size="h5" style={{ overflowWrap: "anywhere", unicodeBidi: "isolate" }}>
            {shownName(path)}
          </Title>
          <Text size="sm" c="dimmed">
            {formatBytes(file.size ?? 0)} · changed <Age at={file.modified_at} />
          </Text>
        </div>
        <Button
          component="a"
          href={hub.runs.artifactUrl(runId, path)}
          download={file.name}
          variant="default"
          size="compact-sm"
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          Download
        </Button>
      </Group>
      {kind === "binary" && <BinaryFile />}
      {(kind === "picture" || kind === "audio" || kind === "video") && (
        // Another content is another element: the old one would stay in view.
        <MediaPreview key={file.modified_at} kind={kind} runId={runId} path={path} file={file} />
      )}
      {(kind === "markdown" || kind === "json" || kind === "table" || kind === "text") && (
        <TextPreview runId={runId} path={path} file={file} />
      )}
    </Stack>
  );
}

import { Code, Grid, Skeleton } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { EmptyState } from "../../../components/empty-state.tsx";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { runRoute } from "../run-tab.ts";
import { ArtifactTree } from "./artifact-tree.tsx";
import { ArtifactPreview } from "./preview/artifact-preview.tsx";
import { foldersAbove } from "./tree-rows.ts";
import { useFolders } from "./use-folders.ts";

const route = `${runRoute}/artifacts/$` as const;

/** Files that a run has left: a tree, and beside it what is in the chosen one. */
export function ArtifactsTab() {
  const { _splat: path = "", ...params } = useParams({ from: route });
  const { runId } = params;
  const navigate = useNavigate();
  const [pages, setPages] = useState<ReadonlyMap<string, number>>(new Map([["", 1]]));
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  // What the address names is seen in the tree, unless somebody has closed a folder on the way there.
  const above = path === "" ? [] : [...foldersAbove(path), path].filter((folder) => !closed.has(folder));
  const open = new Map([...above.map((folder) => [folder, 1] as const), ...pages]);
  const { folders, error, pending } = useFolders(runId, open);
  const fold = (folder: string, isOpen: boolean) => {
    const next = new Map(pages);
    if (isOpen) next.set(folder, 1);
    else next.delete(folder);
    setPages(next);
    const nowClosed = new Set(closed);
    if (isOpen) nowClosed.delete(folder);
    else nowClosed.add(folder);
    setClosed(nowClosed);
  };
  const root = folders.get("");
  if (root === undefined) return error === null ? <Skeleton height={200} /> : <ErrorNotice error={error} />;
  if (root.total === 0 && path === "") return <NoArtifacts />;
  return (
    <Grid>
      <Grid.Col span={{ base: 12, sm: 5, lg: 4 }}>
        {error !== null && <ErrorNotice error={error} />}
        <ArtifactTree
          folders={folders}
          open={new Set(open.keys())}
          busy={pending}
          selected={path}
          onFold={fold}
          onMore={(folder) => setPages(new Map(pages).set(folder, (open.get(folder) ?? 1) + 1))}
          onSelect={(file) =>
            void navigate({
              to: route,
              params: { ...params, _splat: file },
              search: (before) => ({ ...before, source: undefined }),
            })
          }
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, sm: 7, lg: 8 }}>
        <ArtifactPreview key={path} runId={runId} path={path} />
      </Grid.Col>
    </Grid>
  );
}

function NoArtifacts() {
  return (
    <EmptyState title="No files yet">
      A program adds some with <Code>mlflow.log_artifact("plot.png")</Code>, or with the SDK's{" "}
      <Code>run.logArtifact</Code>; they appear here as they come.
    </EmptyState>
  );
}

import { Anchor, Breadcrumbs, CopyButton, Text, UnstyledButton } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { runQuery, versionQuery } from "../hub/queries.ts";
import { datasetAddress, runAddress, versionAddress } from "../routing/addresses.ts";

const commitTag = "mlflow.source.git.commit";

export interface OriginProps {
  /** What it is called by assistive technology. */
  label: string;
  /** Where the way begins: the answer itself. */
  first: ReactNode;
  /** Who answered; without a version it is a model of another server. Null: not known. */
  model: string | null;
  version: number | null;
  /** Where it is known without the version. */
  runId?: string | null;
  commit?: string | null;
}

/** What an answer came from: version, run, dataset, commit; each a link where it is still there. */
export function Origin({ label, first, model, version, runId, commit }: OriginProps) {
  const byVersion = versionQuery(model ?? "", version ?? 0);
  const made = useQuery(
    model === null || version === null ? { ...byVersion, queryFn: skipToken } : byVersion,
  );
  const lineage = made.data?.lineage;
  const runOf = runId ?? lineage?.run_id ?? null;
  const byRun = runQuery(runOf ?? "");
  const run = useQuery(runOf === null ? { ...byRun, queryFn: skipToken } : byRun);
  const dataset = lineage?.dataset ?? null;
  const source = lineage?.code.commit ?? run.data?.tags[commitTag] ?? commit ?? null;
  return (
    <nav aria-label={label}>
      <Breadcrumbs
        separator="→"
        fz="inherit"
        style={{ flexWrap: "wrap" }}
        // A target has 24 px (WCAG 2.2, 2.5.8).
        styles={{ breadcrumb: { display: "inline-block", lineHeight: "24px" } }}
      >
        {first}
        {model !== null && version === null && <Text inherit>{model}</Text>}
        {model !== null && version !== null && (
          <Step href={made.isError ? null : versionAddress(model, version)}>
            {`${model}:${version}${made.isError ? " (gone)" : ""}`}
          </Step>
        )}
        {runOf !== null && (
          <Step href={run.data === undefined ? null : runAddress(run.data.experiment_id, runOf)}>
            {`run ${run.data?.name ?? runOf.slice(0, 8)}`}
          </Step>
        )}
        {dataset !== null && <Step href={datasetAddress(dataset.name)}>{`dataset ${dataset.name}`}</Step>}
        {source !== null && <Commit id={source} />}
      </Breadcrumbs>
    </nav>
  );
}

function Step({ href, children }: { href: string | null; children: string }) {
  const style = { overflowWrap: "anywhere", whiteSpace: "normal" } as const;
  if (href === null)
    return (
      <Text inherit style={style}>
        {children}
      </Text>
    );
  return (
    <Anchor href={href} inherit underline="always" style={style}>
      {children}
    </Anchor>
  );
}

function Commit({ id }: { id: string }) {
  return (
    <CopyButton value={id}>
      {({ copied, copy }) => (
        <UnstyledButton fz="inherit" ff="monospace" onClick={copy} title="Copy the commit">
          {copied ? "copied" : `commit ${id.slice(0, 12)}`}
        </UnstyledButton>
      )}
    </CopyButton>
  );
}

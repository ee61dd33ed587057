import { Anchor, Group, Paper, Stack, Text } from "@mantine/core";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import { Fragment } from "react";
import {
  chatAddress,
  datasetAddress,
  modelAddress,
  referenceAddress,
  runAddress,
  versionAddress,
} from "../../routing/addresses.ts";

interface Node {
  kind: string;
  name: string;
  detail?: string;
  href?: string;
}

/** From what a version was made, by what, and under which names it answers: in layers, from left to right. */
export function LineageGraph({ model, version }: { model: Model; version: ModelVersion }) {
  const layers = layersOf(model, version);
  return (
    <Group
      component="ol"
      aria-label="Lineage"
      gap={0}
      align="center"
      p={0}
      m={0}
      style={{ listStyle: "none" }}
    >
      {layers.map((nodes, layer) => (
        <Fragment key={layer}>
          {layer > 0 && <Connector />}
          <Stack component="li" gap="xs">
            {nodes.map((node) => (
              <Card key={`${node.kind} ${node.name}`} node={node} />
            ))}
          </Stack>
        </Fragment>
      ))}
    </Group>
  );
}

function Card({ node }: { node: Node }) {
  return (
    <Paper withBorder p="xs" maw={240} miw={140}>
      <Text size="xs" c="dimmed">
        {node.kind}
      </Text>
      {node.href === undefined ? (
        <Text fw={600} style={{ overflowWrap: "anywhere" }}>
          {node.name}
        </Text>
      ) : (
        <Anchor href={node.href} fw={600} style={{ overflowWrap: "anywhere" }}>
          {node.name}
        </Anchor>
      )}
      {node.detail !== undefined && (
        <Text size="xs" c="dimmed" ff="monospace" truncate title={node.detail}>
          {node.detail}
        </Text>
      )}
    </Paper>
  );
}

function Connector() {
  return (
    <li aria-hidden role="presentation">
      <svg width="36" height="24" viewBox="0 0 36 24" fill="none" stroke="currentColor" opacity="0.6">
        <path d="M3 12 H32 M26 7 L32 12 L26 17" strokeWidth="1.5" strokeLinecap="round" />
      </svg>
    </li>
  );
}

function layersOf(model: Model, version: ModelVersion): Node[][] {
  const { dataset, base, job_id, run_id, code } = version.lineage;
  const made: Node[] = [];
  if (dataset !== null)
    made.push({
      kind: "Dataset",
      name: dataset.name,
      detail: dataset.sha256.slice(0, 12),
      href: datasetAddress(dataset.id),
    });
  if (base !== null)
    made.push({
      kind: "Base",
      name: base.reference,
      detail: base.sha256.slice(0, 12),
      href: referenceAddress(base.reference),
    });
  if (code.commit !== null)
    made.push({
      kind: code.dirty === true ? "Code (with changes)" : "Code",
      name: code.commit.slice(0, 10),
    });
  const by: Node[] = [];
  if (job_id !== null)
    by.push({ kind: "Job", name: job_id.slice(0, 8), href: `#/training/jobs/${encodeURIComponent(job_id)}` });
  if (run_id !== null) {
    const run: Node = { kind: "Run", name: run_id.slice(0, 8) };
    if (model.experiment_id !== null) run.href = runAddress(model.experiment_id, run_id);
    by.push(run);
  }
  const itself: Node = {
    kind: "Version",
    name: `${version.model}:${version.version}`,
    href: versionAddress(version.model, version.version),
  };
  if (version.sha256 !== null) itself.detail = version.sha256.slice(0, 12);
  const names: Node[] = version.aliases.map((alias) => ({
    kind: "Alias",
    name: `@${alias}`,
    href: modelAddress(version.model),
  }));
  names.push({
    kind: "Answers",
    name: "Ask it",
    href: chatAddress(`${version.model}:${version.version}`),
  });
  return [made, by, [itself], names].filter((nodes) => nodes.length > 0);
}

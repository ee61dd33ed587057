import { Anchor, Badge, Group } from "@mantine/core";
import type { RunDetails, RunLineage } from "@hearth/wire/hub/run-details";
import { CopyText } from "../../../components/copy-text.tsx";
import { safeLink } from "../../../components/markdown/safe-link.ts";
import { FactList } from "./fact-list.tsx";
import { LongText } from "./long-text.tsx";

export interface CodeStateProps {
  run: RunDetails;
  /** Of the hub's own job, which knows more than the run's tags. */
  code: RunLineage["code"];
}

/** The program that made a run: commit, branch, changes, entry point, and of a tracked function its call. */
export function CodeState({ run: { tags }, code }: CodeStateProps) {
  const commit = code?.commit ?? tags["mlflow.source.git.commit"];
  const dirty = code?.dirty ?? { true: true, false: false }[tags["mlflow.source.git.dirty"] ?? ""];
  const remote = tags["mlflow.source.git.repoURL"] ?? tags["mlflow.gitRepoURL"];
  const remoteLink = safeLink(remote);
  return (
    <FactList
      title="Code"
      facts={[
        [
          "Commit",
          commit !== undefined && (
            <Group key="commit" gap="xs">
              <CopyText text={commit} label="the commit" />
              {dirty === true && (
                <Badge color="yellow" variant="dot" size="sm" tt="none">
                  with changes that are not in it
                </Badge>
              )}
              {dirty === false && (
                <Badge color="green" variant="dot" size="sm" tt="none">
                  exactly
                </Badge>
              )}
            </Group>
          ),
        ],
        ["Branch", tags["mlflow.source.git.branch"] ?? tags["mlflow.gitBranchName"]],
        [
          "Repository",
          remoteLink === null ? (
            remote
          ) : (
            <Anchor
              key="remote"
              inherit
              underline="always"
              href={remoteLink}
              target="_blank"
              rel="noopener noreferrer"
            >
              {remote}
            </Anchor>
          ),
        ],
        ["Source", tags["mlflow.source.name"]],
        ["Kind of source", tags["mlflow.source.type"]?.toLowerCase()],
        ["Entry point", tags["mlflow.project.entryPoint"]],
        ["Command", tags["mlflow.source.command"] ?? tags["command"]],
        ["Function", tags["call.function"]],
        ["Arguments", json(tags["call.arguments"])],
        ["Result", json(tags["call.result"])],
      ]}
    />
  );
}

function json(text: string | undefined) {
  return text === undefined ? undefined : <LongText text={text} ff="monospace" />;
}

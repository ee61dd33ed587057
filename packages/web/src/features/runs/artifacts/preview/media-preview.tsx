import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { formatBytes } from "../../../../components/format.ts";
import { hub } from "../../../../hub/hub.ts";
import { shownName } from "../shown-name.ts";
import type { FileProps } from "./binary-file.tsx";

/** Larger pictures are fetched when somebody asks for them. */
const mostUnasked = 20_000_000;

/** A picture, a sound or a film; the browser asks for as much of it as it needs. */
export function MediaPreview({
  kind,
  runId,
  path,
  file,
}: FileProps & { kind: "picture" | "audio" | "video" }) {
  const [asked, setAsked] = useState((file.size ?? 0) <= mostUnasked);
  const [failed, setFailed] = useState(false);
  if (failed)
    return (
      <Text c="dimmed">
        The browser cannot show it: it is not what its name says, or of a kind it does not know.
      </Text>
    );
  if (kind === "picture" && !asked)
    return (
      <div>
        <Button variant="light" onClick={() => setAsked(true)}>
          Show the picture ({formatBytes(file.size ?? 0)})
        </Button>
      </div>
    );
  const props = {
    src: hub.runs.artifactUrl(runId, path),
    onError: () => setFailed(true),
    style: { maxWidth: "100%", maxHeight: "70dvh", objectFit: "contain", alignSelf: "flex-start" } as const,
  };
  const name = shownName(file.name);
  if (kind === "picture") return <img alt={name} {...props} />;
  // Whoever logged it gave no captions along.
  if (kind === "audio")
    // oxlint-disable-next-line jsx-a11y/media-has-caption
    return <audio controls preload="metadata" aria-label={name} {...props} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  return <video controls preload="metadata" aria-label={name} {...props} />;
}

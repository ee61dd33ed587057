import { Text } from "@mantine/core";
import type { Artifact } from "@hearth/wire/hub/artifacts";

/** A file among the artifacts of a run. */
export interface FileProps {
  runId: string;
  path: string;
  file: Artifact;
}

/** What is said of a file that no text is in. */
export function BinaryFile() {
  return (
    <Text c="dimmed">
      This is a binary file: there is nothing to read in it here. Download it to open it.
    </Text>
  );
}

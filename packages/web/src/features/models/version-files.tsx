import { Button, Group, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatBytes } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { VerifyResult } from "../../components/verify-result.tsx";
import { hub } from "../../hub/hub.ts";
import { CopyText } from "../../components/copy-text.tsx";

/** The files of a version, which the hub hashes again when asked to. */
export function VersionFiles({ version }: { version: ModelVersion }) {
  const { model, version: number } = version;
  const files = useQuery({
    queryKey: ["model", model, "versions", number, "files"],
    queryFn: ({ signal }) => hub.models.files(model, number, { signal }),
    meta: { topics: ["models"] },
  });
  const verify = useMutation({ mutationFn: () => hub.models.verify(model, number) });
  const items = files.data?.items ?? [];
  return (
    <Section title="Files">
      <Stack gap="sm">
        {files.error !== null && <ErrorNotice error={files.error} />}
        {files.data !== undefined && items.length === 0 && (
          <Text c="dimmed">The hub keeps no file of this version.</Text>
        )}
        {items.length > 0 && (
          <>
            <TitledTable label="Files" titles={["File", "Size", "sha256"]} minWidth={560}>
              {items.map(({ file, bytes, sha256 }) => (
                <Table.Tr key={file}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{file}</Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>
                    {bytes === null ? "cannot be read" : formatBytes(bytes)}
                  </Table.Td>
                  <Table.Td>
                    <CopyText text={sha256} label={`sha256 of ${file}`} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </TitledTable>
            <Group>
              <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
                Verify files
              </Button>
            </Group>
          </>
        )}
        {verify.error !== null && <ErrorNotice error={verify.error} />}
        {verify.data !== undefined && (
          <VerifyResult
            {...verify.data}
            of={verify.data.files === 1 ? "the file" : `${verify.data.files} files`}
          />
        )}
      </Stack>
    </Section>
  );
}

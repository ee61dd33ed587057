import { Anchor, Badge, Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { DeleteButton } from "../../components/delete-button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";
import { referenceAddress, versionAddress } from "../../routing/addresses.ts";
import { ModelAliases } from "./model-aliases.tsx";
import { ServingForm } from "./serving-form.tsx";

/** A model: its versions, its names, its history, and how it is served. */
export function ModelPage() {
  const { name } = useParams({ from: "/models/$name" });
  const { data, error } = useQuery({
    queryKey: ["model", name],
    queryFn: async ({ signal }) => {
      const [model, versions, history] = await Promise.all([
        hub.models.get(name, { signal }),
        hub.models.versions(name, { signal, pageSize: 200 }),
        hub.models.history(name, { signal, pageSize: 100 }),
      ]);
      return { model, versions: versions.items, history: history.items };
    },
    meta: { topics: ["models", "serving"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={300} />;
  const { model, versions, history } = data;
  return (
    <>
      <PageHeader
        title={model.name}
        description={model.description === "" ? model.task_type : model.description}
      >
        <DeleteButton
          kind="model"
          name={model.name}
          warning="Its versions and their files are deleted too."
          remove={() => hub.models.remove(model.name)}
          list={{ address: "#/models", key: "models" }}
        />
      </PageHeader>
      <Stack gap="xl">
        {model.base_model !== null && (
          <Text>
            Trained on{" "}
            <Anchor underline="always" href={referenceAddress(model.base_model)}>
              {model.base_model}
            </Anchor>
          </Text>
        )}
        <Section title="Versions">
          {versions.length === 0 ? (
            <EmptyState
              title="No version yet"
              action={<Anchor href={`#/training?model=${encodeURIComponent(model.name)}`}>Train one</Anchor>}
            />
          ) : (
            <Table.ScrollContainer minWidth={500}>
              <Table aria-label="Versions" highlightOnHover>
                <Table.Tbody>
                  {versions.map((version) => (
                    <Table.Tr key={version.id}>
                      <Table.Td>
                        <Anchor href={versionAddress(model.name, version.version)}>
                          {model.name}:{version.version}
                        </Anchor>
                      </Table.Td>
                      <Table.Td>
                        <StatusBadge status={version.status} />
                      </Table.Td>
                      <Table.Td>{version.lineage.base?.reference ?? version.kind}</Table.Td>
                      <Table.Td>
                        <Group gap={4}>
                          {version.aliases.map((alias) => (
                            <Badge key={alias} variant="outline" tt="none">
                              @{alias}
                            </Badge>
                          ))}
                        </Group>
                      </Table.Td>
                      <Table.Td>
                        <Age at={version.created_at} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Section>
        <ModelAliases model={model} history={history} />
        <ServingForm key={JSON.stringify(model.serving)} model={model} />
        <Section title="History">
          <Table aria-label="History">
            <Table.Tbody>
              {history.map((event) => (
                <Table.Tr key={event.id}>
                  <Table.Td>{event.kind.replaceAll("_", " ")}</Table.Td>
                  <Table.Td>{event.version === null ? "" : `version ${event.version}`}</Table.Td>
                  <Table.Td>
                    {typeof event.details["alias"] === "string" ? `@${event.details["alias"]}` : ""}
                  </Table.Td>
                  <Table.Td>
                    <Age at={event.created_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Section>
      </Stack>
    </>
  );
}

import { Anchor, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { DeleteButton } from "../../components/delete-button.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { referenceAddress } from "../../routing/addresses.ts";
import { ModelAliases } from "./model-aliases.tsx";
import { ModelVersions } from "./model-versions.tsx";
import { ServingForm } from "./serving-form.tsx";

/** A model: its versions, its names, its history, and how it is served. */
export function ModelPage() {
  const { name } = useParams({ from: "/models/$name" });
  const { data, error } = useQuery({
    queryKey: ["model", name],
    queryFn: async ({ signal }) => {
      const [model, history] = await Promise.all([
        hub.models.get(name, { signal }),
        hub.models.history(name, { signal, pageSize: 100 }),
      ]);
      return { model, history: history.items };
    },
    meta: { topics: ["models", "serving"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={300} />;
  const { model, history } = data;
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
        <ModelVersions key={model.id} model={model} />
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

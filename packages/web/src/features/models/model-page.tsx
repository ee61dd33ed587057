import { Anchor, Button, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { DeleteButton } from "../../components/delete-button.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { referenceAddress } from "../../routing/addresses.ts";
import { aliasEvents } from "./alias-events.ts";
import { EditModel } from "./edit-model.tsx";
import { Facts } from "./facts.tsx";
import { historyQuery } from "./history-query.ts";
import { ModelAliases } from "./model-aliases.tsx";
import { ModelHistory } from "./model-history.tsx";
import { ModelVersions } from "./model-versions.tsx";
import { ServingForm } from "./serving-form.tsx";

/** A model: its versions, its names, its history, and how it is served. */
export function ModelPage() {
  const { name } = useParams({ from: "/models/$name" });
  const [editing, setEditing] = useState(false);
  const { data: model, error } = useQuery({
    queryKey: ["model", name],
    queryFn: ({ signal }) => hub.models.get(name, { signal }),
    meta: { topics: ["models"] },
  });
  const history = useQuery(historyQuery(name));
  if (error !== null) return <ErrorNotice error={error} />;
  if (model === undefined) return <Skeleton height={300} />;
  const events = history.data?.events ?? [];
  return (
    <>
      <PageHeader title={model.name} description={model.task_type}>
        <Button variant="default" onClick={() => setEditing(true)}>
          Edit
        </Button>
        <DeleteButton
          kind="model"
          name={model.name}
          warning="Its versions and their files are deleted too."
          remove={() => hub.models.remove(model.name)}
          list={{ address: "#/models", key: "models" }}
        />
      </PageHeader>
      {editing && <EditModel model={model} onClose={() => setEditing(false)} />}
      <Stack gap="xl">
        {model.description !== "" && (
          <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} maw={800}>
            {model.description}
          </Text>
        )}
        {model.base_model !== null && (
          <Text style={{ overflowWrap: "anywhere" }}>
            Trained on{" "}
            <Anchor underline="always" href={referenceAddress(model.base_model)}>
              {model.base_model}
            </Anchor>
          </Text>
        )}
        <ModelVersions key={model.id} model={model} />
        <ModelAliases model={model} events={aliasEvents(events)} />
        {Object.keys(model.tags).length > 0 && (
          <Section title="Tags">
            <Facts label="Tags" values={model.tags} />
          </Section>
        )}
        <ServingForm key={JSON.stringify(model.serving)} model={model} />
        {history.error !== null && <ErrorNotice error={history.error} />}
        {history.data !== undefined && (
          <ModelHistory model={model} history={events} total={history.data.total} />
        )}
      </Stack>
    </>
  );
}

import { Anchor, Badge, Button, Table, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { modelAddress, referenceAddress, versionAddress } from "../../routing/addresses.ts";
import { AddModel } from "./add-model.tsx";

/** What can be asked, by the name it is asked with */
export function ModelsPage() {
  const { search = "" } = useSearch({ from: "/models" });
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["models", "list"],
    queryFn: async ({ signal }) => {
      const [models, health] = await Promise.all([
        hub.models.list({ signal, pageSize: 200 }),
        hub.health({ signal }),
      ]);
      return {
        models: models.items,
        loaded: new Set(health.engines.map(({ base }) => base.replace(/:\d+$/, ""))),
      };
    },
    meta: { topics: ["models", "serving"] },
  });
  const shown = data?.models.filter((model) => model.name.toLowerCase().includes(search.toLowerCase())) ?? [];
  const add = (
    <Button aria-keyshortcuts="n" onClick={() => setAdding(true)}>
      Add a model
    </Button>
  );
  return (
    <>
      <PageHeader title="Models" description="What can be asked, by the name it is asked with">
        {add}
      </PageHeader>
      {error !== null && <ErrorNotice error={error} />}
      {adding && <AddModel onClose={() => setAdding(false)} />}
      {data?.models.length === 0 && (
        <EmptyState title="No models yet">
          Register a file of weights that lies on the hub's machine, or make an empty model to train.
        </EmptyState>
      )}
      {data !== undefined && data.models.length > 0 && (
        <>
          <TextInput
            label="Search"
            aria-keyshortcuts="/"
            maw={320}
            mb="md"
            value={search}
            onChange={(event) =>
              void navigate({
                to: "/models",
                search: { search: event.target.value || undefined },
                replace: true,
              })
            }
          />
          <TitledTable
            label="Models"
            titles={["Name", "Task", "Champion", "Latest", "Base", "State", "Made"]}
            minWidth={640}
            highlightOnHover
          >
            {shown.map((model) => (
              <Table.Tr key={model.id}>
                <Table.Td>
                  <Anchor href={modelAddress(model.name)}>{model.name}</Anchor>
                </Table.Td>
                <Table.Td>{model.task_type}</Table.Td>
                <Table.Td>
                  <VersionLink model={model.name} version={model.aliases["champion"] ?? null} />
                </Table.Td>
                <Table.Td>
                  <VersionLink model={model.name} version={model.latest_version} />
                </Table.Td>
                <Table.Td>
                  {model.base_model !== null && (
                    <Anchor href={referenceAddress(model.base_model)}>{model.base_model}</Anchor>
                  )}
                </Table.Td>
                <Table.Td>
                  {data.loaded.has(model.name) && (
                    <Badge variant="outline" color="green">
                      loaded
                    </Badge>
                  )}
                </Table.Td>
                <Table.Td>
                  <Age at={model.created_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </TitledTable>
        </>
      )}
    </>
  );
}

function VersionLink({ model, version }: { model: string; version: number | null }) {
  return version === null ? "–" : <Anchor href={versionAddress(model, version)}>{version}</Anchor>;
}

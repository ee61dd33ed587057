import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Model } from "@hearth/wire/hub/models";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { statusQuery } from "../../hub/queries.ts";
import { AddModel } from "./add-model.tsx";
import { groupModels, isUnfolded, linesOf } from "./model-groups.ts";
import { BaseRow, ModelRow } from "./model-rows.tsx";
import { Pages } from "../../components/pages.tsx";

/** Models that are read; others are found by searching. */
const mostModels = 2000;
const pageSize = 200;
/** Lines on a page. */
const linesOnPage = 100;
/** A search is sent when nothing was typed for so long. */
const typingMs = 200;

/** What can be asked, by the name it is asked with */
export function ModelsPage() {
  const { search = "", toggled = [], page = 1 } = useSearch({ from: "/models" });
  const navigate = useNavigate({ from: "/models" });
  const [adding, setAdding] = useState(false);
  const [asked] = useDebouncedValue(search, typingMs);
  const { data, error } = useQuery({
    queryKey: ["models", "list", asked],
    queryFn: async ({ signal }) => {
      const models: Model[] = [];
      for (let number = 1; ; number++) {
        const request = { search: asked || undefined, page: number, pageSize, signal };
        const { items, total } = await hub.models.list(request);
        models.push(...items);
        if (number * pageSize >= Math.min(total, mostModels)) return { models, total };
      }
    },
    meta: { topics: ["models"] },
    placeholderData: keepPreviousData,
  });
  const status = useQuery(statusQuery);
  const loaded = new Set(status.data?.engines.map(({ base }) => base.replace(/:\d+$/, "")));
  const groups = groupModels(data?.models ?? []);
  const { lines, pages } = linesOf(
    groups,
    (group) => isUnfolded(group, toggled, asked !== ""),
    page,
    linesOnPage,
  );
  const toggle = (name: string) => {
    const others = toggled.filter((one) => one !== name);
    const next = others.length < toggled.length ? others : [...toggled, name];
    void navigate({
      search: (before) => ({ ...before, toggled: next.length === 0 ? undefined : next }),
      replace: true,
      resetScroll: false,
    });
  };
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
      {data?.total === 0 && asked === "" && (
        <EmptyState title="No models yet" action={add}>
          Register a file of weights that lies on the hub's machine, or make an empty model to train.
        </EmptyState>
      )}
      {(search !== "" || (data !== undefined && data.total > 0)) && (
        <Stack>
          <Group align="flex-end">
            <TextInput
              label="Search"
              aria-keyshortcuts="/"
              placeholder="Name, description or base"
              leftSection={<IconSearch size={16} aria-hidden />}
              w={320}
              maw="100%"
              value={search}
              onChange={(event) => {
                const text = event.currentTarget.value || undefined;
                void navigate({
                  search: (before) => ({ ...before, search: text, page: undefined, toggled: undefined }),
                  replace: true,
                });
              }}
            />
            {data !== undefined && (
              <Text size="sm" c="dimmed" role="status">
                {data.total > data.models.length
                  ? `The newest ${formatCount(data.models.length)} of ${formatCount(data.total)} models; searching finds the others.`
                  : `${formatCount(data.total)} ${data.total === 1 ? "model" : "models"}`}
              </Text>
            )}
          </Group>
          {data?.total === 0 ? (
            <EmptyState title="No model has this in its name, description or base">
              Part of a word is enough; whether letters are large or small does not matter.
            </EmptyState>
          ) : (
            <TitledTable
              label="Models"
              titles={["Name", "Task", "Champion", "Latest", "Base", "State", "Made"]}
              minWidth={640}
              highlightOnHover
            >
              {lines.map((line) =>
                line.kind === "base" ? (
                  <BaseRow
                    key={line.group.name}
                    group={line.group}
                    unfolded={line.unfolded}
                    loaded={loaded}
                    toggle={() => toggle(line.group.name)}
                  />
                ) : (
                  <ModelRow key={line.model.id} model={line.model} loaded={loaded} indented />
                ),
              )}
            </TitledTable>
          )}
          <Pages
            total={pages}
            value={Math.min(page, Math.max(1, pages))}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
          />
        </Stack>
      )}
    </>
  );
}

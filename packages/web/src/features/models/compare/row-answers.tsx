import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { splitName, type Dataset } from "@hearth/wire/hub/datasets";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { Section } from "../../../components/section.tsx";
import { hub } from "../../../hub/hub.ts";
import { useAsking } from "./asking.ts";
import type { ComparedVersion } from "./differences.ts";
import { DifferingRows } from "./differing-rows.tsx";
import { AnsweredRows } from "./answered-rows.tsx";
import { questionsOf } from "./row-questions.ts";
import { Pages } from "../../../components/pages.tsx";

const rowsOnPage = 10;

/** Rows of a dataset with what each version answers to them: what evaluations keep, and what is asked now. */
export function RowAnswers({
  compared,
  datasets,
}: {
  compared: readonly ComparedVersion[];
  datasets: readonly Dataset[];
}) {
  const search = useSearch({ from: "/compare-versions" });
  const navigate = useNavigate({ from: "/compare-versions" });
  const { answers, asking, ask, stop } = useAsking();
  const usual = compared.flatMap(({ evaluations }) => evaluations)[0];
  const wanted = search.dataset ?? usual?.dataset_id;
  const dataset = datasets.find(({ id, name }) => id === wanted || name === wanted) ?? datasets[0];
  const splits = splitName.options.filter((one) => dataset?.splits[one] !== undefined);
  const [likely] = splits.toReversed();
  const split = splits.find((one) => one === (search.split ?? usual?.split)) ?? likely ?? "train";
  const page = search.page ?? 1;
  const offset = (page - 1) * rowsOnPage;
  const show = (next: { dataset?: string; split?: typeof split | undefined; page?: number }) =>
    void navigate({
      search: (before) => ({ ...before, page: undefined, ...next }),
      replace: true,
      resetScroll: false,
    });
  const rows = useQuery({
    queryKey: ["dataset", dataset?.id, "rows", split, offset],
    queryFn: ({ signal }) =>
      hub.datasets.rows(dataset?.id ?? "", { split, offset, limit: rowsOnPage, signal }),
    enabled: dataset !== undefined,
    placeholderData: keepPreviousData,
    // A stored version never changes.
    staleTime: Infinity,
  });
  if (dataset === undefined)
    return (
      <Section title="Rows of a dataset">
        <Text c="dimmed">There is no dataset whose rows could be asked.</Text>
      </Section>
    );
  const evaluations = compared.map((one) =>
    one.evaluations.find((made) => made.dataset_id === dataset.id && made.split === split),
  );
  const versions = compared.map(({ version }) => version);
  const lanes = rows.data === undefined ? [] : questionsOf(versions, dataset, rows.data);
  return (
    <Section title="Rows of a dataset">
      <Stack>
        <Group align="flex-end">
          <Select
            label="Dataset"
            searchable
            allowDeselect={false}
            data={datasets.map((one) => ({ value: one.id, label: `${one.name}:${one.version}` }))}
            value={dataset.id}
            onChange={(id) => show({ ...(id === null ? {} : { dataset: id }), split: undefined })}
          />
          <Select
            label="Rows of"
            allowDeselect={false}
            data={splits}
            value={split}
            w={130}
            onChange={(value) => show({ split: splitName.parse(value) })}
          />
          {asking ? (
            <Button
              variant="default"
              leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
              onClick={stop}
            >
              Stop
            </Button>
          ) : (
            <Button disabled={lanes.every((lane) => lane.length === 0)} onClick={() => void ask(lanes)}>
              Ask these rows
            </Button>
          )}
        </Group>
        <DifferingRows
          versions={versions}
          evaluations={evaluations}
          open={(row) => show({ page: Math.ceil(row / rowsOnPage) })}
        />
        {rows.error !== null && <ErrorNotice error={rows.error} />}
        {rows.data !== undefined && (
          <>
            <AnsweredRows rows={rows.data} versions={versions} evaluations={evaluations} answers={answers} />
            <Pages
              total={Math.ceil(rows.data.total / rowsOnPage)}
              value={page}
              onChange={(next) => show({ page: next })}
            />
          </>
        )}
      </Stack>
    </Section>
  );
}

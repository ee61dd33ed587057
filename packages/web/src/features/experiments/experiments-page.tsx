import { ActionIcon, Anchor, Button, Checkbox, Group, Table, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Experiment } from "@hearth/wire/hub/experiments";
import { IconPencil, IconPlus, IconRestore, IconSearch, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { ExperimentDialog } from "./experiment-dialog.tsx";
import { Pages } from "../../components/pages.tsx";

const pageSize = 50;

/** Experiments, those with the newest activity first. */
export function ExperimentsPage() {
  const { search = "", deleted = false } = useSearch({ from: "/experiments" });
  const navigate = useNavigate({ from: "/experiments" });
  const [page, setPage] = useState(1);
  const [dialog, setDialog] = useState<{ experiment: Experiment | undefined }>();
  const stage = deleted ? ("deleted" as const) : ("active" as const);
  const request = { search, stage, page, pageSize };
  const { data, error } = useQuery({
    queryKey: ["experiments", "list", request],
    queryFn: ({ signal }) => hub.experiments.list({ ...request, signal }),
    meta: { topics: ["runs"] },
    placeholderData: keepPreviousData,
  });
  const create = () => setDialog({ experiment: undefined });
  return (
    <>
      <PageHeader title="Experiments" description="What your runs belong to, the newest activity first">
        <Button leftSection={<IconPlus size={16} aria-hidden />} aria-keyshortcuts="n" onClick={create}>
          New experiment
        </Button>
      </PageHeader>
      <Group mb="sm">
        <TextInput
          aria-label="Search experiments"
          aria-keyshortcuts="/"
          placeholder="Search by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setPage(1);
            void navigate({ search: (before) => ({ ...before, search: text || undefined }), replace: true });
          }}
        />
        <Checkbox
          label="Deleted"
          checked={deleted}
          onChange={(event) => {
            const checked = event.currentTarget.checked || undefined;
            setPage(1);
            void navigate({ search: (before) => ({ ...before, deleted: checked }) });
          }}
        />
      </Group>
      {error !== null && <ErrorNotice error={error} />}
      {data?.items.length === 0 && (
        <EmptyState title="No experiment here" action={<Button onClick={create}>New experiment</Button>}>
          Runs that name no experiment go to the one called Default.
        </EmptyState>
      )}
      {data !== undefined && data.items.length > 0 && (
        <TitledTable
          label="Experiments"
          titles={["Name", "Runs", "Last activity", "Actions"]}
          minWidth={480}
          highlightOnHover
        >
          {data.items.map((experiment) => (
            <ExperimentRow
              key={experiment.id}
              experiment={experiment}
              onRename={() => setDialog({ experiment })}
            />
          ))}
        </TitledTable>
      )}
      {data !== undefined && (
        <Pages total={Math.ceil(data.total / pageSize)} value={page} onChange={setPage} />
      )}
      {dialog !== undefined && (
        <ExperimentDialog experiment={dialog.experiment} onClose={() => setDialog(undefined)} />
      )}
    </>
  );
}

function ExperimentRow({ experiment, onRename }: { experiment: Experiment; onRename: () => void }) {
  const { id, name, lifecycle_stage: stage, runs } = experiment;
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => (stage === "active" ? hub.experiments.remove(id) : hub.experiments.restore(id)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["experiments"] }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link
              to="/experiments/$experimentId"
              params={{ experimentId: id }}
              search={stage === "deleted" ? { deleted: true } : {}}
              {...props}
            />
          )}
        >
          {name}
        </Anchor>
      </Table.Td>
      <Table.Td>{formatCount(runs)}</Table.Td>
      <Table.Td>
        <Age at={experiment.last_run_at ?? experiment.updated_at} />
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap">
          {stage === "active" && (
            <ActionIcon variant="subtle" color="gray" aria-label={`Rename ${name}`} onClick={onRename}>
              <IconPencil size={16} />
            </ActionIcon>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${stage === "active" ? "Delete" : "Restore"} ${name}`}
            loading={change.isPending}
            onClick={() => change.mutate()}
          >
            {stage === "active" ? <IconTrash size={16} /> : <IconRestore size={16} />}
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

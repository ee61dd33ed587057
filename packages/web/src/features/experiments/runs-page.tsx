import { Anchor, Breadcrumbs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";
import { RunsView } from "./table/runs-view.tsx";

const from = "/experiments/$experimentId";

/** The runs of one experiment. */
export function RunsPage() {
  const { experimentId } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate({ from });
  const ids = useMemo(() => [experimentId], [experimentId]);
  const { data, error } = useQuery({
    queryKey: ["experiments", experimentId],
    queryFn: ({ signal }) => hub.experiments.get(experimentId, { signal }),
    meta: { topics: ["runs"] },
  });
  return (
    <>
      <Breadcrumbs mb={4}>
        <Anchor size="sm" renderRoot={(props) => <Link to="/experiments" {...props} />}>
          Experiments
        </Anchor>
        <Text size="sm">{experimentId}</Text>
      </Breadcrumbs>
      <PageHeader title={data?.name ?? "Experiment"} />
      {error === null ? (
        <RunsView
          experimentIds={ids}
          search={search}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
        />
      ) : (
        <ErrorNotice error={error} />
      )}
    </>
  );
}

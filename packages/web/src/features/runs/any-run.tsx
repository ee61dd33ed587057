import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { runQuery } from "../../hub/queries.ts";

/** Goes on to the page of a run whose experiment the address does not tell. */
export function AnyRun() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const { data, error } = useQuery(runQuery(runId));
  if (data !== undefined)
    return (
      <Navigate
        to="/experiments/$experimentId/runs/$runId"
        params={{ experimentId: data.experiment_id, runId: data.id }}
        replace
      />
    );
  return (
    <>
      <PageHeader title="Run" />
      {error !== null && <ErrorNotice error={error} />}
    </>
  );
}

import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";

/** One run with everything that is known of it. */
export function RunPage() {
  const { runId } = useParams({ from: "/experiments/$experimentId/runs/$runId" });
  const { data, error } = useQuery({
    queryKey: ["runs", runId],
    queryFn: ({ signal }) => hub.runs.get(runId, { signal }),
    meta: { topics: ["runs"] },
  });
  return (
    <>
      <PageHeader title={data?.name ?? "Run"} />
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && <Code block>{JSON.stringify(data, null, 2)}</Code>}
    </>
  );
}

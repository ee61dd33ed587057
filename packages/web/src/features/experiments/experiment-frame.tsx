import { Anchor, Breadcrumbs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";

/** What stands over each view of one experiment. */
export function ExperimentFrame({
  experimentId,
  tabs,
  children,
}: {
  experimentId: string;
  tabs: ReactNode;
  children: ReactNode;
}) {
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
        <>
          {tabs}
          {children}
        </>
      ) : (
        <ErrorNotice error={error} />
      )}
    </>
  );
}

import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { statusQuery } from "../../hub/queries.ts";
import { Engines } from "./engines.tsx";
import { MachineFigures } from "./machine-figures.tsx";
import { Providers } from "./providers.tsx";
import { RunningRequests } from "./running-requests.tsx";

/** What is loaded, who is being answered, and what the machine has left */
export function ServingPage() {
  const { data, error } = useQuery(statusQuery);
  return (
    <>
      <PageHeader title="Serving" description="What is loaded, and who is being answered" />
      <Stack gap="xl">
        {error !== null && <ErrorNotice error={error} />}
        {data !== undefined && (
          <>
            <MachineFigures status={data} />
            <Engines engines={data.engines} />
            <RunningRequests />
            <Providers providers={data.providers} />
          </>
        )}
      </Stack>
    </>
  );
}

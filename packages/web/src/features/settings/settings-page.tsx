import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";

/** How this hub runs */
export function SettingsPage() {
  const { data, error } = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => hub.status({ signal }),
    meta: { topics: ["serving", "jobs", "machine"] },
  });
  return (
    <>
      <PageHeader title="Settings" description="How this hub runs" />
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && <Code block>{JSON.stringify(data, null, 2)}</Code>}
    </>
  );
}

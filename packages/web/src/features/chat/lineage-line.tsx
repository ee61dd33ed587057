import { Anchor, Box } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Origin } from "../../components/origin.tsx";
import { hub } from "../../hub/hub.ts";

/** Where an answer comes from: its trace → version → run → dataset → commit. */
export function LineageLine({ traceId }: { traceId: string }) {
  const { data: trace } = useQuery({
    queryKey: ["traces", traceId],
    queryFn: ({ signal }) => hub.traces.get(traceId, { signal }),
    // A trace is written beside its answer: it may be there a moment later.
    retry: 4,
    retryDelay: 300,
    staleTime: Infinity,
  });
  return (
    <Box fz="xs" c="dimmed">
      <Origin
        label="Where this answer comes from"
        first={
          <Anchor href={`#/traces?trace=${encodeURIComponent(traceId)}`} inherit underline="always">
            trace
          </Anchor>
        }
        model={trace?.model ?? null}
        version={trace?.version ?? null}
      />
    </Box>
  );
}

import { Button } from "@mantine/core";
import { EmptyState } from "../../components/empty-state.tsx";

/** Before the first word: what can be asked, or what is missing for it. */
export function EmptyConversation({ blocked }: { blocked: string | null }) {
  if (blocked === null)
    return (
      <EmptyState title="Ask something">
        Each answer shows how quickly it came and what it comes from: its version, run, dataset and commit.
        Models with room for it can look into the hub: “why did my last job fail?”
      </EmptyState>
    );
  return (
    <EmptyState
      title={blocked}
      action={
        <Button component="a" href="#/models" variant="light">
          Go to the models
        </Button>
      }
    />
  );
}

import { Button } from "@mantine/core";
import { PageHeader } from "../../components/page-header.tsx";

export interface ChatHeaderProps {
  /** Null where the list is beside the conversation. */
  toggleList: (() => void) | null;
  togglePanel: () => void;
  begin: () => void;
}

/** Name of the page, and what can be done beside asking. */
export function ChatHeader({ toggleList, togglePanel, begin }: ChatHeaderProps) {
  return (
    <PageHeader title="Chat">
      {toggleList !== null && (
        <Button size="compact-md" variant="default" onClick={toggleList}>
          Conversations
        </Button>
      )}
      <Button size="compact-md" variant="default" onClick={togglePanel}>
        Settings
      </Button>
      <Button size="compact-md" variant="light" aria-keyshortcuts="n" onClick={begin}>
        New
      </Button>
    </PageHeader>
  );
}

import { Button, Group, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { AuditedCall } from "@hearth/wire/chat/tools";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { JsonText } from "./json-text.tsx";
import { Pages } from "../../components/pages.tsx";

const pageSize = 25;

/** The book of tools: who called what, who allowed it, what came of it. */
export function ToolCalls() {
  const { page = 1 } = useSearch({ from: "/chat/settings" });
  const navigate = useNavigate({ from: "/chat/settings" });
  const { data, error } = useQuery({
    queryKey: ["chat", "tool-calls", page],
    queryFn: ({ signal }) => hub.conversations.toolCalls({ page, pageSize, signal }),
    placeholderData: keepPreviousData,
    meta: { topics: ["chat"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return null;
  if (data.total === 0)
    return (
      <Text size="sm" c="dimmed">
        None yet: ask a model in the chat to look into the hub.
      </Text>
    );
  const pages = Math.ceil(data.total / pageSize);
  return (
    <>
      <TitledTable
        label="Calls of tools"
        titles={["When", "Tool", "By", "Changes", "State", "Decided", "More"]}
        minWidth={640}
      >
        {data.items.map((call) => (
          <CallRow key={call.id} call={call} />
        ))}
      </TitledTable>
      <Pages
        mt="sm"
        total={pages}
        value={page}
        onChange={(next) => void navigate({ search: { page: next }, replace: true })}
      />
    </>
  );
}

function CallRow({ call }: { call: AuditedCall }) {
  const [opened, { open, close }] = useDisclosure(false);
  const { tool, origin, changes, status, requested_at, decided_at, input, output, error } = call;
  return (
    <Table.Tr>
      <Table.Td>
        <Age at={Date.parse(requested_at)} />
      </Table.Td>
      <Table.Th scope="row">{tool}</Table.Th>
      <Table.Td>{origin}</Table.Td>
      <Table.Td>{changes ? "yes" : "no"}</Table.Td>
      <Table.Td>{status}</Table.Td>
      <Table.Td>{decided_at === null ? "" : <Age at={Date.parse(decided_at)} />}</Table.Td>
      <Table.Td>
        <Button size="compact-xs" variant="subtle" aria-label={`Details of ${tool}`} onClick={open}>
          Details
        </Button>
        <Dialog opened={opened} onClose={close} title={tool} size="lg">
          <JsonText label="Input" value={input} />
          {output !== null && <JsonText label="Output" value={output} />}
          {error !== null && <JsonText label="Error" value={error} />}
          {call.session_id !== null && (
            <Group mt="sm">
              <Button
                component="a"
                size="compact-sm"
                variant="default"
                href={`#/chat?conversation=${encodeURIComponent(call.session_id)}`}
              >
                Go to the conversation
              </Button>
            </Group>
          )}
        </Dialog>
      </Table.Td>
    </Table.Tr>
  );
}

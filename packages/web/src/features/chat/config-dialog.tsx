import { JsonInput, List, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hubProviderId, type ChatConfig } from "@hearth/wire/chat/config";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";
import { chatConfigQuery } from "../../hub/queries.ts";

interface Problem {
  path: string;
  message: string;
}

/** The providers as their file has them; it is checked by the hub before it is written. */
export function ConfigDialog({ config, close }: { config: ChatConfig; close: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(fileOf(config), null, 2));
  const [problems, setProblems] = useState<Problem[]>([]);
  const saving = useMutation({
    mutationFn: async () => {
      setProblems([]);
      const given: unknown = parse(text);
      const { valid, errors } = await hub.conversations.validateConfig(given);
      setProblems(errors);
      if (!valid) return;
      queries.setQueryData(chatConfigQuery.queryKey, await hub.conversations.replaceConfig(given));
      close();
    },
  });
  return (
    <FormDialog title="Providers of the chat" size="lg" onClose={close} submit="Save" mutation={saving}>
      <Text size="sm">
        A key is never written here: <code>apiKey</code> says where it is, as <code>{"${NAME}"}</code> of an
        environment variable or <code>keyring:NAME</code>. A provider without <code>apiKey</code> keeps the
        place that it had.
      </Text>
      <JsonInput
        label="Configuration"
        autosize
        minRows={10}
        maxRows={24}
        formatOnBlur={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        value={text}
        onChange={setText}
      />
      {problems.length > 0 && (
        <div role="alert">
          <List size="sm" aria-label="What is wrong">
            {problems.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`} style={{ overflowWrap: "anywhere" }}>
                {path === "" ? message : `${path}: ${message}`}
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </FormDialog>
  );
}

/** What is written into the file: without the hub itself, and with the place of each key. */
function fileOf({ version, providers, settings }: ChatConfig): unknown {
  return {
    version,
    providers: providers
      .filter(({ id }) => id !== hubProviderId)
      .map(({ id, name, type, baseURL, models, keySource }) => ({
        id,
        name,
        type,
        baseURL,
        ...(keySource === null ? {} : { apiKey: keySource }),
        models,
      })),
    settings,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

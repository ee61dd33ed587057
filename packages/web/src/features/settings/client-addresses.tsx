import { Button, Code, CopyButton, Group, Stack } from "@mantine/core";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";

const lines = [`OPENAI_BASE_URL=${hub.url}/v1`, `MLFLOW_TRACKING_URI=${hub.url}`];

/** What clients of OpenAI and of MLflow have to be told, ready to be copied. */
export function ClientAddresses() {
  return (
    <Section title="Clients">
      <Stack gap="xs">
        {lines.map((line) => (
          <Group key={line} gap="xs">
            <Code style={{ overflowWrap: "anywhere" }}>{line}</Code>
            <CopyButton value={line}>
              {({ copied, copy }) => (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Copy ${line.split("=")[0] ?? line}`}
                  onClick={copy}
                >
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}

import { Alert, Code, Stack, Text } from "@mantine/core";
import { HearthApiError } from "@hearth/sdk";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** An error in the hub's own words, with its code and what to quote when asking for help. */
export function ErrorNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="That did not work" role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {message}
        </Text>
        {error instanceof HearthApiError && (
          <Code>
            {error.code}
            {error.requestId === null ? "" : ` · request ${error.requestId}`}
          </Code>
        )}
        {children}
      </Stack>
    </Alert>
  );
}

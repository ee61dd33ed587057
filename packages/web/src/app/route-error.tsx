import { Button } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorNotice } from "../components/error-notice.tsx";

/** What a page shows that could not be drawn; the rest of the house stays. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <ErrorNotice error={error}>
      <Button variant="light" onClick={reset}>
        Try again
      </Button>
    </ErrorNotice>
  );
}

import { Button, Text } from "@mantine/core";
import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorNotice } from "../components/error-notice.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { isMissingPart, reloadPage } from "./build-check.ts";

/** What a page shows that could not be drawn; the rest of the house stays. */
export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <>
      <PageHeader title="This page cannot be shown" />
      <ErrorNotice error={error}>
        {isMissingPart(error) ? (
          <Reload />
        ) : (
          <Button variant="light" onClick={() => void router.invalidate()}>
            Try again
          </Button>
        )}
      </ErrorNotice>
    </>
  );
}

/** A browser does not load a script again that it could not have: the document has to be. */
function Reload() {
  const [away, setAway] = useState(false);
  return (
    <>
      <Button variant="light" onClick={() => void reloadPage().then((begun) => setAway(!begun))}>
        Reload the page
      </Button>
      <Text size="sm" role="status">
        {away ? "Nobody answers yet; try again when the hub is back." : ""}
      </Text>
    </>
  );
}

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../components/empty-state.tsx";
import { PageHeader } from "../components/page-header.tsx";

export function NotFound() {
  return (
    <>
      <PageHeader title="Not found" />
      <EmptyState
        title="There is no such page"
        action={<Anchor renderRoot={(props) => <Link to="/" {...props} />}>Go home</Anchor>}
      >
        The address may be of another version of Hearth, or a letter of it was lost.
      </EmptyState>
    </>
  );
}

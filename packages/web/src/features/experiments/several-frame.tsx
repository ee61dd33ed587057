import type { ReactNode } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

/** What stands over each view of several experiments. */
export function SeveralFrame({
  experiments,
  tabs,
  children,
}: {
  experiments: readonly string[];
  tabs: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <PageHeader
        title={`${experiments.length} experiments`}
        description={`Runs of the experiments ${experiments.join(", ")}`}
      />
      {experiments.length === 0 ? (
        <EmptyState title="No experiment is named in this address" />
      ) : (
        <>
          {tabs}
          {children}
        </>
      )}
    </>
  );
}

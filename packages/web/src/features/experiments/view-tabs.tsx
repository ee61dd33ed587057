import { Button, Group } from "@mantine/core";
import { IconChartLine, IconTable } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { tableSearch, type TableSearch } from "./table/table-search.ts";

export interface ViewTabsProps {
  shown: "table" | "charts";
  /** One, or several that are looked at together. */
  experiments: string | readonly string[];
  /** What both views understand of it stays. */
  search: TableSearch;
}

const views = [
  { view: "table", label: "Table", icon: IconTable },
  { view: "charts", label: "Charts", icon: IconChartLine },
] as const;

/** The same runs as a table and as charts. */
export function ViewTabs({ shown, experiments, search }: ViewTabsProps) {
  const kept = tableSearch.parse(search);
  return (
    <Group component="nav" aria-label="Views" gap={4} mb="sm">
      {views.map(({ view, label, icon: Icon }) => (
        <Button
          key={view}
          size="xs"
          variant={view === shown ? "light" : "subtle"}
          leftSection={<Icon size={16} aria-hidden />}
          aria-current={view === shown ? "page" : undefined}
          renderRoot={(props) =>
            typeof experiments === "string" ? (
              <Link
                to={view === "table" ? "/experiments/$experimentId" : "/experiments/$experimentId/charts"}
                params={{ experimentId: experiments }}
                search={kept}
                {...props}
              />
            ) : (
              <Link
                to={view === "table" ? "/compare-experiments/s" : "/compare-experiments/s/charts"}
                search={{ ...kept, experiments: [...experiments] }}
                {...props}
              />
            )
          }
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}

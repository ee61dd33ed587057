import { SimpleGrid, Text } from "@mantine/core";
import { useDeferredValue, useMemo, useState } from "react";
import { ChartToolbar } from "../../../components/chart/chart-toolbar.tsx";
import type { ChartSettings } from "../../../components/chart/chart-search.ts";
import { EmptyState } from "../../../components/empty-state.tsx";
import { InView } from "../../../components/in-view.tsx";
import { isShown, type LinesSearch } from "./charts-search.ts";
import { LineLegend } from "./line-legend.tsx";
import { MetricChooser } from "./metric-chooser.tsx";
import { usualMetrics } from "./metric-names.ts";
import { chartHeight, MetricPanel } from "./metric-panel.tsx";
import type { RunLine } from "./run-lines.ts";

export interface LinesAndChartsProps {
  lines: readonly RunLine[];
  /** Every metric there is. */
  metrics: readonly string[];
  search: LinesSearch;
  onSearch: (change: Partial<LinesSearch>) => void;
}

/** px, of what stands over a chart */
const headHeight = 34;

/** A chart for each metric with the same lines in all of them, and the list of the lines. */
export function LinesAndCharts({ lines, metrics, search, onSearch }: LinesAndChartsProps) {
  const shown = useMemo(() => search.metrics ?? usualMetrics(metrics), [search.metrics, metrics]);
  const [pointed, setPointed] = useState<string>();
  // Charts may be drawn later than the pointer moves.
  const brought = useDeferredValue(pointed);
  const runs = useMemo(
    () => [...new Map(lines.flatMap((line) => line.runs).map((run) => [run.id, run])).values()],
    [lines],
  );
  const drawn = useMemo(() => lines.filter(({ id }) => isShown(search, id)), [lines, search]);
  // A mean says little without the runs that it is made of.
  const grouped = lines.some(({ group }) => group);
  const settings = { ...search, band: search.band ?? grouped };
  const change = (changed: Partial<ChartSettings>) =>
    onSearch({
      ...changed,
      ...("band" in changed && grouped ? { band: changed.band === true ? undefined : false } : {}),
      // A part of one axis says nothing on another.
      ...("axis" in changed ? { zoom: undefined } : {}),
    });
  if (metrics.length === 0)
    return <EmptyState title="No metrics here">Charts appear as soon as a run logs one.</EmptyState>;
  return (
    <>
      <ChartToolbar settings={settings} onChange={change}>
        <MetricChooser
          all={metrics}
          shown={shown}
          onChange={(chosen) => onSearch({ metrics: chosen, zoom: undefined })}
        />
      </ChartToolbar>
      <div className="lines-and-charts">
        <LineLegend lines={lines} search={search} onSearch={onSearch} onPoint={setPointed} />
        <div>
          {shown.length === 0 && <Text c="dimmed">No metric is chosen.</Text>}
          <SimpleGrid cols={{ base: 1, lg: shown.length === 1 ? 1 : 2 }}>
            {shown.map((metric) => (
              <section key={metric} aria-label={metric}>
                <InView minHeight={chartHeight + headHeight}>
                  <MetricPanel
                    metric={metric}
                    runs={runs}
                    lines={drawn}
                    pointed={brought}
                    search={settings}
                    onSearch={onSearch}
                  />
                </InView>
              </section>
            ))}
          </SimpleGrid>
        </div>
      </div>
    </>
  );
}

import { Checkbox, Group, SegmentedControl, Slider, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ChartSettings } from "./chart-search.ts";
import type { ChartAxis } from "./series.ts";

export interface ChartToolbarProps {
  settings: ChartSettings;
  /** Only what changes; undefined: as at first. To be merged into the search parameters. */
  onChange: (change: Partial<ChartSettings>) => void;
  /** More controls of the page, after these. */
  children?: ReactNode;
}

const axes: { value: ChartAxis; label: string }[] = [
  { value: "step", label: "Step" },
  { value: "relative", label: "Relative time" },
  { value: "time", label: "Wall time" },
];

/** How all charts of a page are drawn. */
export function ChartToolbar({ settings, onChange, children }: ChartToolbarProps) {
  const { axis = "step", logx = false, logy = false, smoothing = 0, band = false } = settings;
  return (
    <Group role="group" aria-label="How charts are drawn" gap="lg" align="center">
      <SegmentedControl
        size="xs"
        aria-label="X axis"
        data={axes}
        value={axis}
        onChange={(value) => {
          const chosen = axes.find((one) => one.value === value)?.value;
          onChange({ axis: chosen === "step" ? undefined : chosen });
        }}
      />
      <Flag label="Log y" checked={logy} onChange={(checked) => onChange({ logy: checked || undefined })} />
      <Flag
        label="Log x"
        checked={logx && axis !== "time"}
        disabled={axis === "time"}
        onChange={(checked) => onChange({ logx: checked || undefined })}
      />
      <Flag label="Band" checked={band} onChange={(checked) => onChange({ band: checked || undefined })} />
      <Group gap="xs" wrap="nowrap">
        <Text size="sm">Smoothing</Text>
        <Slider
          w={140}
          size="sm"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          onChange={(value) => onChange({ smoothing: value === 0 ? undefined : value })}
          thumbLabel="Smoothing"
        />
        <Text size="sm" c="dimmed" w={32}>
          {smoothing === 0 ? "off" : smoothing.toFixed(2)}
        </Text>
      </Group>
      {children}
    </Group>
  );
}

interface FlagProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

function Flag({ onChange, ...checkbox }: FlagProps) {
  return <Checkbox size="sm" {...checkbox} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

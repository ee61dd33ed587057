export interface SparklineProps {
  /** Ascending. */
  x: readonly number[];
  /** In the order of x; null leaves a gap. */
  y: readonly (number | null)[];
  /** The value at the upper edge. */
  most: number;
  height?: number;
}

const width = 100;

/** How a figure went, beside the figure itself, which says what it is: nothing for assistive technology. */
export function Sparkline({ x, y, most, height = 24 }: SparklineProps) {
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      width="100%"
      height={height}
      aria-hidden
      style={{
        display: "block",
        marginTop: 6,
        borderBottom: "1px solid var(--mantine-color-default-border)",
      }}
    >
      <path
        d={sparkPath({ x, y, most, height })}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** The line as SVG writes it, from the left edge to the right, broken where a value is missing. */
export function sparkPath({ x, y, most, height }: Required<SparklineProps>): string {
  const first = x[0] ?? 0;
  const span = Math.max(1, (x.at(-1) ?? 0) - first);
  let path = "";
  let pen = "M";
  for (const [index, at] of x.entries()) {
    const value = y[index] ?? null;
    if (value === null) {
      pen = "M";
      continue;
    }
    const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
    path += `${pen}${(((at - first) / span) * width).toFixed(1)} ${(1 + (1 - share) * (height - 2)).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

export interface WhiskerProps {
  low: number;
  high: number;
  value: number;
  /** Ends of the scale. */
  from: number;
  to: number;
  /** A place on the scale that is marked, such as 0 for a difference. */
  mark?: number;
}

const width = 160;
const height = 16;
const edge = 4;

/** A value as a dot and its interval as a line with ends, on one scale; the table beside it has the figures. */
export function Whisker({ low, high, value, from, to, mark }: WhiskerProps) {
  const place = (one: number): number => {
    const share = to > from ? (one - from) / (to - from) : 0.5;
    return edge + Math.min(1, Math.max(0, share)) * (width - 2 * edge);
  };
  const middle = height / 2;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden focusable="false">
      <line x1={edge} x2={width - edge} y1={middle} y2={middle} stroke="currentColor" opacity={0.2} />
      {mark !== undefined && mark >= from && mark <= to && (
        <line
          x1={place(mark)}
          x2={place(mark)}
          y1={0}
          y2={height}
          stroke="currentColor"
          opacity={0.5}
          strokeDasharray="2 2"
        />
      )}
      <line x1={place(low)} x2={place(high)} y1={middle} y2={middle} stroke="currentColor" strokeWidth={2} />
      {[low, high].map((end, index) => (
        // Two ends, in their order.
        <line
          key={index}
          x1={place(end)}
          x2={place(end)}
          y1={3}
          y2={height - 3}
          stroke="currentColor"
          strokeWidth={2}
        />
      ))}
      <circle cx={place(value)} cy={middle} r={3.5} fill="currentColor" />
    </svg>
  );
}

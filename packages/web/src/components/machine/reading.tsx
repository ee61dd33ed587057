import { Progress, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Sparkline } from "./sparkline.tsx";

export interface ReadingPart {
  label: string;
  /** 0 to 1 */
  share: number;
  color?: string;
}

export interface ReadingProps {
  label: string;
  /** Null: it cannot be read on this machine. */
  text: string | null;
  /** What is taken of the whole. */
  parts?: readonly ReadingPart[];
  /** How it went, ending now. */
  history?: { x: readonly number[]; y: readonly (number | null)[]; most: number };
  children?: ReactNode;
}

/** Nearly all is taken. */
const alarming = 0.9;

/** One figure of the machine: what it is, how much of the whole, how it went; or that it is not measured. */
export function Reading({ label, text, parts = [], history, children }: ReadingProps) {
  const share = parts.reduce((sum, part) => sum + part.share, 0);
  const drawn = history !== undefined && history.y.some((value) => value !== null);
  return (
    <div>
      <Text size="sm" className="figures" {...(text === null ? { c: "dimmed" } : {})}>
        {label}: {text ?? "not measured on this machine"}
      </Text>
      {text !== null && parts.length > 0 && (
        <Progress.Root mt={2} size="sm">
          {parts.map((part) => (
            <Progress.Section
              key={part.label}
              value={Math.min(100, 100 * part.share)}
              color={share > alarming ? "red" : (part.color ?? "ember")}
              aria-label={part.label}
            />
          ))}
        </Progress.Root>
      )}
      {children}
      {text !== null && drawn && <Sparkline {...history} />}
    </div>
  );
}

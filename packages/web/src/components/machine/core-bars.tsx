import { Flex } from "@mantine/core";

/** A bar for each processor, as high as it is busy. */
export function CoreBars({ percents }: { percents: readonly number[] }) {
  return (
    <Flex
      role="img"
      aria-label={`Busy, by core: ${percents.map((percent) => `${Math.round(percent)} %`).join(", ")}`}
      align="end"
      gap={2}
      h={18}
      mt={4}
    >
      {percents.map((percent, core) => (
        <div
          // A core is its place.
          // oxlint-disable-next-line react/no-array-index-key
          key={core}
          style={{
            flex: "1 1 0",
            maxWidth: 14,
            height: `${Math.max(6, percent)}%`,
            borderRadius: 1,
            background: "var(--mantine-primary-color-filled)",
            opacity: 0.35 + 0.65 * (percent / 100),
          }}
        />
      ))}
    </Flex>
  );
}

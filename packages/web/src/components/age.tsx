import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { formatAge } from "./format.ts";

/** How long ago, kept true while it is looked at; the exact instant when pointed at. */
export function Age({ at }: { at: string | number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  const instant = new Date(at);
  return (
    <Text span inherit component="time" dateTime={instant.toISOString()} title={instant.toLocaleString()}>
      {formatAge(at, now)}
    </Text>
  );
}

import { useComputedColorScheme } from "@mantine/core";
import { useCallback, useState } from "react";
import { ColorBook } from "./line-colors.ts";

/** Gives lines their colours, the same ones in every chart of a page for as long as it is shown. */
export function useLineColors(): (name: string) => string {
  const scheme = useComputedColorScheme("light");
  const [book] = useState(() => new ColorBook());
  return useCallback((name) => book.colorOf(name, scheme), [book, scheme]);
}

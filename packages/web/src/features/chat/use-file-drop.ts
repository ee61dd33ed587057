import { useWindowEvent } from "@mantine/hooks";
import { useState } from "react";

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;

/** Takes files that are dropped anywhere on the page; elsewhere the browser would leave the page for them. */
export function useFileDrop(take: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  useWindowEvent("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setOver(true);
  });
  useWindowEvent("dragleave", (event) => {
    // Only the way out of the window has nothing that it leads to.
    if (event.relatedTarget === null) setOver(false);
  });
  useWindowEvent("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setOver(false);
    take([...(event.dataTransfer?.files ?? [])]);
  });
  return over;
}

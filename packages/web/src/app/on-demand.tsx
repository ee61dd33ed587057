import { notifications } from "@mantine/notifications";
import { useCallback, useRef, useState, type ComponentType } from "react";

/** Something over the page that is loaded when it is opened first. */
export function useOnDemand<P>(load: () => Promise<ComponentType<P>>) {
  const [Component, setComponent] = useState<ComponentType<P> | null>(null);
  const before = useRef<Element | null>(null);
  const open = useCallback(() => {
    before.current = document.activeElement;
    void load().then(
      (loaded) => setComponent(() => loaded),
      (error: unknown) =>
        notifications.show({ color: "red", message: error instanceof Error ? error.message : String(error) }),
    );
  }, [load]);
  const close = useCallback(() => setComponent(null), []);
  /** The focus goes back to where it was. */
  const closeAndReturn = useCallback(() => {
    setComponent(null);
    if (before.current instanceof HTMLElement) before.current.focus();
  }, []);
  return { Component, open, close, closeAndReturn };
}

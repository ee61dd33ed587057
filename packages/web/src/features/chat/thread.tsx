import { Box } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type ReactNode } from "react";
import type { Node } from "./conversation.ts";

/** Nearer than this to its end (px), a conversation follows what is being written. */
const nearEnd = 80;

/** The messages of a branch, of which only those in view are drawn; follows the end while it is looked at. */
export function Thread({
  branch,
  reveal,
  children,
}: {
  branch: readonly Node[];
  /** The message that must be in view. */
  reveal: string | null;
  children: (node: Node, index: number) => ReactNode;
}) {
  const scroller = useRef<HTMLElement>(null);
  const following = useRef(true);
  const top = useRef(0);
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoised on its answers
  const virtual = useVirtualizer({
    count: branch.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 140,
    overscan: 4,
    getItemKey: (index) => branch[index]?.id ?? index,
  });
  const height = virtual.getTotalSize();
  const last = branch.at(-1)?.id;
  useEffect(() => {
    following.current = true;
  }, [last]);
  useEffect(() => {
    const element = scroller.current;
    if (element !== null && following.current) element.scrollTop = element.scrollHeight;
  }, [height, last]);
  useEffect(() => {
    if (reveal === null) return;
    following.current = false;
    virtual.scrollToIndex(
      branch.findIndex(({ id }) => id === reveal),
      { align: "auto" },
    );
    // Only when another one is to be seen, not whenever a message is added.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [reveal]);
  return (
    <Box
      component="section"
      ref={scroller}
      role="log"
      aria-live="off"
      aria-label="Conversation"
      tabIndex={0}
      flex={1}
      mih={0}
      style={{ overflowY: "auto", overflowX: "hidden" }}
      onKeyDown={(event) => {
        // The browser's own way there is slow and stops when a height above turns out to be another one.
        if (event.target !== event.currentTarget || (event.key !== "Home" && event.key !== "End")) return;
        event.preventDefault();
        following.current = event.key === "End";
        virtual.scrollToIndex(event.key === "End" ? branch.length - 1 : 0);
      }}
      onWheel={(event) => {
        if (event.deltaY < 0) following.current = false;
      }}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        // An answer that grows moves the end away; only who goes up wants to stay behind.
        if (scrollHeight - scrollTop - clientHeight < nearEnd) following.current = true;
        else if (scrollTop < top.current) following.current = false;
        top.current = scrollTop;
      }}
    >
      <Box pos="relative" style={{ height }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const node = branch[index];
          return (
            node !== undefined && (
              <Box
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                pos="absolute"
                top={0}
                left={0}
                right={0}
                pb="lg"
                pr="xs"
                style={{ transform: `translateY(${start}px)` }}
              >
                {children(node, index)}
              </Box>
            )
          );
        })}
      </Box>
    </Box>
  );
}

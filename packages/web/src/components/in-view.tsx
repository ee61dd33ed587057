import { Activity, useEffect, useRef, useState, type ReactNode } from "react";

export interface InViewProps {
  /** px, of the room that is kept for it at first. */
  minHeight: number;
  children: ReactNode;
}

/** How far from the screen it is made already, so that whoever scrolls finds it there. */
const margin = "400px";

/**
 * Its children work only while they are in sight or near it: a page of hundreds costs what is seen of it. They are
 * made when they first come near; what leaves keeps its state and its room, but asks for nothing.
 */
export function InView({ minHeight, children }: InViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [made, setMade] = useState(false);
  const [seen, setSeen] = useState(false);
  const [height, setHeight] = useState(minHeight);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const near = entries.at(-1)?.isIntersecting === true;
        if (near) setMade(true);
        else setHeight(Math.max(minHeight, element.offsetHeight));
        setSeen(near);
      },
      { rootMargin: margin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [minHeight]);
  return (
    <div ref={place} style={{ minHeight: seen ? minHeight : height, minWidth: 0 }}>
      {made && <Activity mode={seen ? "visible" : "hidden"}>{children}</Activity>}
    </div>
  );
}

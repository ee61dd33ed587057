import { useEffect, useRef, useState, type ReactNode } from "react";

export interface InViewProps {
  /** px, of the room that is kept for it. */
  minHeight: number;
  children: ReactNode;
}

/** How far from the screen it is made already, so that whoever scrolls finds it there. */
const margin = "400px";

/** Makes its children only while they are in sight or near it: a page of hundreds costs what is seen of it. */
export function InView({ minHeight, children }: InViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (place.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => setSeen(entries.some(({ isIntersecting }) => isIntersecting)),
      { rootMargin: margin },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} style={{ minHeight, minWidth: 0 }}>
      {seen && children}
    </div>
  );
}

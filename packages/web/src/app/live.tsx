import { onlineManager, useQueryClient, type QueryMeta } from "@tanstack/react-query";
import { createContext, use, useEffect, useRef, useState, type ReactNode } from "react";
import { checkBuild } from "./build-check.ts";
import { LiveConnection, type Changes, type HubPresence } from "./live-connection.ts";

interface Presence {
  presence: HubPresence;
  retry: () => void;
}

const PresenceContext = createContext<Presence>({ presence: "here", retry: () => undefined });

/** Whether the hub can be reached, and a way to try at once. */
export function useHubPresence(): Presence {
  return use(PresenceContext);
}

/** Keeps what is shown true: a query that names topics is asked again when one of them changes. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [presence, setPresence] = useState<HubPresence>("here");
  const connection = useRef<LiveConnection | null>(null);
  useEffect(() => {
    let before: HubPresence = "here";
    const made = new LiveConnection({
      onPresence: (now) => {
        setPresence(now);
        // What would be asked while nobody answers it waits, and what is shown stays.
        onlineManager.setOnline(now === "here" || now === "polling");
        // Another version may have come in place of the one that went.
        if (before === "away" && now !== "away") void checkBuild();
        before = now;
      },
      onChange: (changes) =>
        void queries.invalidateQueries({ predicate: ({ meta }) => isOld(meta, changes) }),
    });
    connection.current = made;
    const onVisibility = (): void => (document.hidden ? made.pause() : made.resume());
    document.addEventListener("visibilitychange", onVisibility);
    onVisibility();
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      made.pause();
    };
  }, [queries]);
  return (
    <PresenceContext value={{ presence, retry: () => connection.current?.retry() }}>
      {children}
    </PresenceContext>
  );
}

/** Whether what was asked under this meta may be another thing now. */
function isOld(meta: QueryMeta | undefined, changes: Changes | null): boolean {
  const { topics = [], thing } = meta ?? {};
  if (changes === null) return topics.length > 0;
  return topics.some((topic) => {
    const ids = changes.get(topic);
    return ids !== undefined && (thing === undefined || ids.has(null) || ids.has(thing));
  });
}

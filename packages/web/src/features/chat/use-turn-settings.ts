import { useDebouncedCallback } from "@mantine/hooks";
import { turnSettings, type TurnSettings } from "@hearth/wire/chat/turn";
import { useState } from "react";

const typingMs = 300;

/** How answers are made: as the conversation has it, and as it is changed here; `save` gets it when typing pauses. */
export function useTurnSettings(
  known: TurnSettings | undefined,
  save: (settings: TurnSettings) => void,
): [TurnSettings, (next: TurnSettings) => void] {
  const [changed, setChanged] = useState<TurnSettings | null>(null);
  const saveSoon = useDebouncedCallback(save, { delay: typingMs, flushOnUnmount: true });
  return [
    changed ?? known ?? {},
    (next) => {
      setChanged(next);
      // A number that is half typed may be out of its range.
      if (turnSettings.safeParse(next).success) saveSoon(next);
    },
  ];
}

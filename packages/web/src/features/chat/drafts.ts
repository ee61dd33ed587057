import { useState } from "react";

const keyOf = (conversation: string) => `hearth-chat-draft:${conversation}`;

/** What is typed and not sent, kept at every stroke; give the component the conversation's id as its key. */
export function useDraft(conversation: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => kept(conversation));
  return [
    text,
    (next) => {
      setText(next);
      try {
        if (next === "") localStorage.removeItem(keyOf(conversation));
        else localStorage.setItem(keyOf(conversation), next);
      } catch {
        // The browser's room for drafts is full, or it allows none: what is typed stays on the screen.
      }
    },
  ];
}

function kept(conversation: string): string {
  try {
    return localStorage.getItem(keyOf(conversation)) ?? "";
  } catch {
    // Site data are blocked: there is no draft.
    return "";
  }
}

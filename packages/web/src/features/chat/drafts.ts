import { useState } from "react";

const keyOf = (conversation: string) => `hearth-chat-draft:${conversation}`;
/** Where the draft of a conversation lies that has not begun. */
const beginning = "new";

/**
 * What is typed, kept at every stroke. `sent` empties the field, and the words stay kept under the conversation until
 * the hub has them (`forget`): whatever happens before, they are in the field again.
 */
export function useDraft(conversation: string, isNew: boolean) {
  const key = isNew ? beginning : conversation;
  const [text, setText] = useState(() => read(key));
  return {
    text,
    type: (next: string) => {
      setText(next);
      write(key, next);
    },
    sent: () => {
      setText("");
      if (key !== conversation) write(key, "");
      write(conversation, text);
    },
    forget: (sent: string) => {
      // Something else may have been typed meanwhile.
      if (read(conversation) === sent) write(conversation, "");
    },
    /** Back into the field, where nothing else has been typed meanwhile. */
    restore: (sent: string) => setText((now) => (now === "" ? sent : now)),
  };
}

function write(key: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(keyOf(key));
    else localStorage.setItem(keyOf(key), text);
  } catch {
    // The browser's room for drafts is full, or it allows none: what is typed stays on the screen.
  }
}

function read(key: string): string {
  try {
    return localStorage.getItem(keyOf(key)) ?? "";
  } catch {
    // Site data are blocked: there is no draft.
    return "";
  }
}

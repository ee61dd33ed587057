import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ChatRoom } from "./chat-room.tsx";
import { newId } from "./new-id.ts";

/** Ask one model, or several beside each other. A conversation gets its address with its first word. */
export function ChatPage() {
  const { conversation } = useSearch({ from: "/chat" });
  const [beginning, setBeginning] = useState({ id: newId(), begun: false });
  // Once it has begun, what comes without an address is another one.
  if (conversation === beginning.id && !beginning.begun) setBeginning({ ...beginning, begun: true });
  if (conversation !== beginning.id && beginning.begun) setBeginning({ id: newId(), begun: false });
  const id = conversation ?? beginning.id;
  return <ChatRoom key={id} id={id} isNew={conversation === undefined} />;
}

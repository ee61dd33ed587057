import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { ChatRoom } from "./chat-room.tsx";
import { newId } from "./new-id.ts";

/** Ask one model, or several beside each other. A new conversation has its address before its first word. */
export function ChatPage() {
  const { conversation } = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  useEffect(() => {
    if (conversation === undefined)
      void navigate({ search: (now) => ({ ...now, conversation: newId() }), replace: true });
  }, [conversation, navigate]);
  return conversation === undefined ? null : <ChatRoom key={conversation} id={conversation} />;
}

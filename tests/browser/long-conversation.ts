/** Runs in the page: a conversation `huge` of so many prompts and answers, each after the other. */
export const longConversation = (pairs: number) => `new Promise((resolve, reject) => {
  const opening = indexedDB.open("hearth-chat", 1);
  opening.onerror = reject;
  opening.onsuccess = () => {
    const writing = opening.result.transaction(["conversations", "nodes"], "readwrite");
    writing.objectStore("conversations").put({ id: "huge", title: "Huge", updatedAt: 1, settings: { system: "" } });
    const nodes = writing.objectStore("nodes");
    for (let i = 0; i < ${pairs}; i++) {
      const answer = { model: "m", text: "Answer **" + i + "**" + " with words".repeat(i % 90), reasoning: "", state: "done", error: null, traceId: null, figures: null };
      nodes.put({ id: "u" + i, role: "user", conversation: "huge", parent: i === 0 ? "" : "a" + (i - 1), at: 2 * i, text: "Prompt " + i });
      nodes.put({ id: "a" + i, role: "answers", conversation: "huge", parent: "u" + i, at: 2 * i + 1, answers: [answer] });
    }
    writing.oncomplete = resolve;
    writing.onerror = reject;
  };
})`;

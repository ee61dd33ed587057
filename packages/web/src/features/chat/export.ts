import type { Conversation, Node } from "./conversation.ts";

/** The shown branch as a text that people read. What was said stays as it was said. */
export function asMarkdown(title: string, branch: readonly Node[]): string {
  const parts = [`# ${title.replaceAll(/\s+/g, " ")}`];
  for (const node of branch) {
    if (node.role === "user") parts.push("## Prompt", node.text);
    else
      for (const { model, text, reasoning, error } of node.answers) {
        parts.push(`## ${model}`);
        if (reasoning !== "") parts.push(reasoning.replaceAll(/^/gm, "> "));
        if (text !== "") parts.push(text);
        if (error !== null) parts.push(`(failed: ${error.message})`);
      }
  }
  return `${parts.map((part) => part.trimEnd()).join("\n\n")}\n`;
}

/** Everything: each version of each prompt and answer with its figures, as this page keeps it. */
export function asJson(conversation: Conversation, nodes: readonly Node[]): string {
  return `${JSON.stringify({ ...conversation, nodes }, null, 2)}\n`;
}

/** Gives the text to the browser as a file. */
export function download(title: string, ending: "md" | "json", text: string): void {
  const type = ending === "md" ? "text/markdown" : "application/json";
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${fileName(title)}.${ending}`;
  link.click();
  URL.revokeObjectURL(address);
}

/** A name that every file system takes. */
export function fileName(title: string): string {
  return (
    title
      .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 60) || "conversation"
  );
}

/** bytes */
const mostBytes = 1_000_000;

export interface Attachment {
  name: string;
  text: string;
}

/** A file's text. Throws, in words for its owner, on what is too large or no text. */
export async function readAttachment(file: File): Promise<Attachment> {
  if (file.size > mostBytes)
    throw new Error(
      `${file.name} has ${(file.size / 1e6).toFixed(2)} MB, and at most 1 MB can be attached. Attach a part of it, or put it into a dataset.`,
    );
  const refusal = `${file.name} is not a text file. Models here read text: attach its text instead.`;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    throw new Error(refusal, { cause: error });
  }
  if (text.includes("\0")) throw new Error(refusal);
  return { name: file.name, text };
}

/** A text that a prompt's field would only be slow with (characters): pasted, it goes with the prompt as a file. */
export const longPaste = 10_000;

/** The prompt with its files after it, each in a fence that nothing in it can close. */
export function withAttachments(prompt: string, files: readonly Attachment[]): string {
  return [prompt, ...files.map(fenced)].filter((part) => part !== "").join("\n\n");
}

function fenced({ name, text }: Attachment): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${name.replaceAll(/\s+/g, " ")}:\n${fence}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}

import type { HearthClient } from "@hearth/sdk";

/** Makes a conversation of so many prompts and answers, each after the other; its id. */
export async function longConversation(client: HearthClient, pairs: number): Promise<string> {
  const { id } = await client.conversations.create({ id: "huge", title: "Huge" });
  await client.conversations.putMessages(
    id,
    Array.from({ length: pairs }, (_, index) => [
      { id: `u${index}`, role: "user" as const, parts: [{ type: "text" as const, text: `Prompt ${index}` }] },
      {
        id: `a${index}`,
        role: "assistant" as const,
        parts: [{ type: "text" as const, text: `Answer **${index}**${" with words".repeat(index % 90)}` }],
      },
    ]).flat(),
  );
  return id;
}

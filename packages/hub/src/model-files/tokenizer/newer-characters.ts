/**
 * Letters, marks, numbers and punctuation that Unicode 16 and 17 added (first and last, in
 * hexadecimal; source: the difference between Node 24's and the engine's classes of every
 * character). The engine's tables are those of Unicode 15.1: to it they are none of these.
 */
const added =
  "88f 897 c5c cdc 1acf-1aeb 1b4e-1b4f 1b7f 1c89-1c8a a7cb-a7cf a7d2 a7d4 a7da-a7dc a7f1 105c0-105f3 " +
  "10940-10959 10d40-10d85 10ec2-10ed0 10efa-10efc 11380-113e2 116d0-116e3 11b60-11b67 11bc0-11be1 " +
  "11bf0-11bf9 11db0-11de9 11f5a 13460-143fa 16100-16139 16d40-16d79 16ea0-16ed3 16ff2-16ff6 " +
  "187f8-187ff 18cff 18d09-18d1e 18d80-18df2 1ccf0-1ccf9 1e5d0-1e5ff 1e6c0-1e6ff 2b73a-2b73f " +
  "2cea2-2cead 323b0-33479";

const ranges = added.split(" ").map((range) => {
  const [first = "", last = first] = range.split("-");
  return String.raw`\u{${first}}-\u{${last}}`;
});
const newer = new RegExp(`[${ranges.join("")}]`, "gu");
const anyNewer = new RegExp(newer.source, "u");

/** Unassigned in every version of Unicode so far; of one and of two UTF-16 units. */
const unassigned = { 1: "\u{378}", 2: "\u{1fff0}" } as const;

/**
 * The text with every character that the engine's Unicode tables do not know replaced by one that
 * nobody knows, of the same length: what may be cut there may be cut in the text.
 */
export function asUnicode15(text: string): string {
  if (!anyNewer.test(text)) return text;
  return text.replace(newer, (character) => unassigned[character.length === 1 ? 1 : 2]);
}

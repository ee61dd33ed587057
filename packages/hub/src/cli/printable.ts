/** What drives a terminal, and what lets text look other than it is: directions and letters without width. */
// oxlint-disable-next-line no-control-regex -- taking control characters out is the purpose
const hostile = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A model's output is hostile: control characters could drive the terminal. */
export function printable(text: string): string {
  return text.replace(hostile, "\uFFFD");
}

/** JSON that shows each character that is there: what a person is asked to allow must be what they see. */
export function plainJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? "nothing";
  return text.replace(
    /[^\n\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** What turns the direction of text around, or is not seen at all: names that look like other names are made of it. */
const unseen = /[\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

/** A file's name with what cannot be seen written out: `invoice\u202Efdp.exe` → `invoice⟨U+202E⟩fdp.exe` */
export function shownName(name: string): string {
  return name.replaceAll(
    unseen,
    (sign) => `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}

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

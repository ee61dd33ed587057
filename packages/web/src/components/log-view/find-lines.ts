/** Indices of the lines that hold a text, whatever its case; none for an empty one. */
export function findLines(lines: readonly string[], text: string): number[] {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  const found: number[] = [];
  for (const [index, line] of lines.entries()) if (line.toLowerCase().includes(wanted)) found.push(index);
  return found;
}

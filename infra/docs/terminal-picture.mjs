// Draws what a command printed as an SVG that looks like a terminal:
//   node infra/docs/terminal-picture.mjs 'make demo' < captured.txt > docs/demo.svg
// Colours are left out; a line that was drawn over by carriage returns counts as last drawn.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const columns = 118;
const charWidth = 7.2;
const lineHeight = 17;
const margin = 16;

const command = process.argv[2] ?? "";
const printed = readFileSync(0, "utf8")
  .split("\n")
  .map((line) => stripVTControlCharacters(line.replace(/\r$/, "").split("\r").at(-1) ?? ""))
  .map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line.trimEnd()));
while (printed.at(-1) === "") printed.pop();
const lines = [`$ ${command}`, ...printed];

const width = Math.ceil(columns * charWidth + 2 * margin);
const height = lines.length * lineHeight + 2 * margin + 18;
const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const text = lines
  .map((line, index) => {
    const fill = index === 0 ? "#fb923c" : "#ece8e2";
    return `<text x="${margin}" y="${margin + 30 + index * lineHeight}" fill="${fill}" xml:space="preserve">${escape(line)}</text>`;
  })
  .join("\n");

process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escape(command)} in a terminal">
<rect width="100%" height="100%" rx="9" fill="#171513"/>
<circle cx="18" cy="15" r="5" fill="#f87171"/><circle cx="35" cy="15" r="5" fill="#fbbf24"/><circle cx="52" cy="15" r="5" fill="#4ade80"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="12">
${text}
</g>
</svg>
`);

import type { ChangedFact, FileDifference, Reproduction } from "@hearth/wire/hub/reproduction";
import { printable } from "./printable.ts";

/** A repetition's report, line by line: files, the first difference, metrics by step, causes, what else changed. */
export function describeReproduction(report: Reproduction): string[] {
  const { files, first_difference: difference, metrics, causes, changed } = report;
  const same = files.filter((file) => file.expected_sha256 === file.actual_sha256).length;
  return [
    `files: ${same} of ${files.length} have the same bytes`,
    ...(difference === null ? [] : [`first difference: ${describeDifference(difference)}`]),
    ...metrics.map(({ metric, steps, first }) =>
      first === null
        ? `${metric}: equal at all ${steps} recorded steps`
        : `${metric}: differs first at step ${first.step} (${first.expected ?? "nothing"} → ${first.actual ?? "nothing"})`,
    ),
    ...causes.map(({ likelihood, what }, index) => printable(`${index + 1}. ${likelihood}: ${what}`)),
    ...(causes.length > 0 || changed.length === 0
      ? []
      : [`otherwise now, without effect: ${changed.map(describeChange).join("; ")}`]),
  ];
}

/** `adapter.gguf, tensor blk.0.attn_q.weight.lora_a[0, 3]: 0.1 → 0.2 (12 of 256 numbers differ, by at most 0.1)` */
export function describeDifference(difference: FileDifference): string {
  const { file, kind, name, index, offset, expected, actual, differing, elements, largest } = difference;
  const change = `${expected ?? "nothing"} → ${actual ?? "nothing"}`;
  if (kind === "missing") {
    const where = expected === null ? "is missing with the version" : "was not made again";
    return `${file} ${where}`;
  }
  if (kind === "bytes") return printable(`${file}, byte ${offset}: ${change}`);
  if (kind === "header") return printable(`${file}, ${name}: ${change}`);
  const place = index === null ? `, byte ${offset}` : `[${index.join(", ")}]`;
  const most = largest === null ? "" : `, by at most ${Number(largest.toPrecision(3))}`;
  const count = differing === null ? "" : ` (${differing} of ${elements} numbers differ${most})`;
  return printable(`${file}, tensor ${name}${place}: ${change}${count}`);
}

function describeChange({ name, expected, actual }: ChangedFact): string {
  return printable(`${name} ${expected ?? "nothing"} → ${actual ?? "nothing"}`);
}

/** A double in protobuf's JSON: what JSON has no number for is a word. */
export function presentNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

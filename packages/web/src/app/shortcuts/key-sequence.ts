/** After `g` the second key has to come within this time, in ms. */
const patienceMs = 1_500;

/** The key that was pressed before and waits for a second one. */
export interface Waiting {
  key: "g";
  /** ms, of the same clock as the next key's */
  at: number;
}

export type Step =
  | { kind: "wait"; waiting: Waiting }
  /** `g`, then this key. */
  | { kind: "go"; key: string }
  | { kind: "single"; key: string };

/** What a key means after what was pressed before. */
export function readKey(waiting: Waiting | null, key: string, at: number): Step {
  const second = waiting !== null && at - waiting.at <= patienceMs;
  if (second) return { kind: "go", key };
  return key === "g" ? { kind: "wait", waiting: { key, at } } : { kind: "single", key };
}

/** The five labels, in the order in which rows are drawn. */
export const labels = ["billing", "bug", "feature", "security", "other"] as const;

export type Label = (typeof labels)[number];

/**
 * Sentence templates of one label in one split.
 *
 * `{slot}` is filled from the split's own word lists. `core` sentences carry the reason for
 * writing; `detail` sentences add to it and do not stand alone.
 */
export interface LabelTemplates {
  readonly subjects: readonly string[];
  readonly cores: readonly string[];
  readonly details: readonly string[];
}

/**
 * Everything that one split is written from. No string is shared between two splits, so a
 * model cannot do well on `test` by remembering sentences or senders from `train`.
 */
export interface Split {
  readonly name: "train" | "validation" | "test";
  readonly rowsPerLabel: number;
  readonly greetings: readonly string[];
  readonly openers: readonly string[];
  readonly closings: readonly string[];
  readonly signoffs: readonly string[];
  readonly fillers: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<Label, LabelTemplates>>;
}

import type { Model } from "@hearth/wire/hub/models";

/** A model with those that are trained on it. */
export interface ModelGroup {
  /** Of the base. */
  name: string;
  /** Null: it is not among the models, such as one that a search does not find. */
  base: Model | null;
  adapters: Model[];
}

/** Above this many adapters a base is folded as long as nobody asks for them. */
const mostUnfolded = 10;

/** Models under what they are trained on, in the order of the first of each group. */
export function groupModels(models: readonly Model[]): ModelGroup[] {
  const byName = new Map(
    models.flatMap((model) => [[model.name, model] as const, [model.id, model] as const]),
  );
  const groups = new Map<string, ModelGroup>();
  for (const model of models) {
    const root = rootOf(model, byName);
    const base = byName.get(root) ?? null;
    const name = base?.name ?? root;
    const group = groups.get(name) ?? { name, base, adapters: [] };
    if (model !== base) group.adapters.push(model);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** The name that the chain of bases ends with. */
function rootOf(model: Model, byName: ReadonlyMap<string, Model>): string {
  const seen = new Set<string>();
  let current = model;
  for (;;) {
    seen.add(current.name);
    if (current.base_model === null) return current.name;
    const name = current.base_model.replace(/[:@].*$/, "");
    const base = byName.get(name);
    // Names are given again: a chain may come back to where it began.
    if (base === undefined || seen.has(base.name)) return base?.name ?? name;
    current = base;
  }
}

/** One line of the list. */
export type ModelLine =
  | { kind: "base"; group: ModelGroup; unfolded: boolean }
  | { kind: "adapter"; group: ModelGroup; model: Model };

/** Is a base's list of adapters shown? `toggled` names those that were clicked. */
export function isUnfolded(group: ModelGroup, toggled: readonly string[], searching: boolean): boolean {
  const usual = searching || group.adapters.length <= mostUnfolded;
  return toggled.includes(group.name) ? !usual : usual;
}

/** Some lines of the list; a page that begins among adapters begins with their base again. */
export function linesOf(
  groups: readonly ModelGroup[],
  unfolded: (group: ModelGroup) => boolean,
  page: number,
  pageSize: number,
): { lines: ModelLine[]; pages: number } {
  const all = groups.flatMap((group): ModelLine[] => {
    const open = unfolded(group);
    const adapters = open ? group.adapters : [];
    return [
      { kind: "base", group, unfolded: open },
      ...adapters.map((model): ModelLine => ({ kind: "adapter", group, model })),
    ];
  });
  const pages = Math.ceil(all.length / pageSize);
  // Models may have gone since the address was written down.
  const shown = Math.min(page, Math.max(1, pages));
  const lines = all.slice((shown - 1) * pageSize, shown * pageSize);
  const [first] = lines;
  if (first?.kind === "adapter") lines.unshift({ kind: "base", group: first.group, unfolded: true });
  return { lines, pages };
}

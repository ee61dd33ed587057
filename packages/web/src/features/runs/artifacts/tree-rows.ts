import type { Artifact } from "@hearth/wire/hub/artifacts";

/** What is known of an open folder; `items` may be only the first of `total`. */
export interface Folder {
  items: readonly Artifact[];
  total: number;
}

/** A line of the tree. */
export interface TreeRow {
  kind: "file" | "folder" | "more";
  /** Of `more`: that of the folder which has more. */
  path: string;
  /** Of `more`: empty. */
  name: string;
  depth: number;
  open: boolean;
  /** Bytes; null of a folder. */
  size: number | null;
  /** Its place among what its folder has, from 1. */
  position: number;
  siblings: number;
}

/**
 * Lines of a tree whose root ("") is not one of them, in the order in which they are seen. A folder that is open
 * but has not come yet has no lines below it.
 */
export function treeRows(folders: ReadonlyMap<string, Folder>, open: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (folder: string, depth: number): void => {
    const { items, total } = folders.get(folder) ?? { items: [], total: 0 };
    const siblings = total > items.length ? items.length + 1 : total;
    items.forEach(({ name, kind, size }, index) => {
      const path = folder === "" ? name : `${folder}/${name}`;
      const isOpen = kind === "folder" && open.has(path);
      rows.push({ kind, path, name, depth, open: isOpen, size, position: index + 1, siblings });
      if (isOpen) add(path, depth + 1);
    });
    if (total > items.length)
      rows.push({
        kind: "more",
        path: folder,
        name: "",
        depth,
        open: false,
        size: null,
        position: siblings,
        siblings,
      });
  };
  add("", 0);
  return rows;
}

/** `a/b/c` → `a`, `a/b` */
export function foldersAbove(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

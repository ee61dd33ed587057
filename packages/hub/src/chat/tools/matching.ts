import type { Page } from "@hearth/wire/hub/common";

const pageSize = 200;
/** Beyond so many pages a search gives up, and says how many there are. */
const mostPages = 50;

/** Reads a list page by page and keeps what has the words in one of its texts; `total` is of what was kept. */
export async function matching<T>(
  read: (page: { page: number; page_size: number }) => Promise<Page<T>>,
  texts: (item: T) => readonly string[],
  search: string | undefined,
  limit: number,
): Promise<{ items: T[]; total: number }> {
  const words = search?.trim().toLowerCase() ?? "";
  if (words === "") {
    const { items, total } = await read({ page: 1, page_size: limit });
    return { items, total };
  }
  const kept: T[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const { items, total } = await read({ page, page_size: pageSize });
    kept.push(...items.filter((item) => texts(item).some((text) => text.toLowerCase().includes(words))));
    if (page * pageSize >= total) break;
  }
  return { items: kept.slice(0, limit), total: kept.length };
}

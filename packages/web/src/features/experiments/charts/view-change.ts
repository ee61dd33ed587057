/** How an address takes on a change of how charts are shown. */
export function viewChange<Search extends object, Change extends object>(change: Change) {
  return {
    search: (before: Search) => ({ ...before, ...change }),
    resetScroll: false,
    // A slider says many things on its way.
    replace: "smoothing" in change,
  };
}

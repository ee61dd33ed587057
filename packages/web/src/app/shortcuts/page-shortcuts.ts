/*
 * A page's own shortcuts are what its elements say of themselves: `aria-keyshortcuts="/"` on a field or a button in
 * `main` is all there is to do. The key focuses a field and presses a button; the dialog of shortcuts lists them.
 */

const attribute = "aria-keyshortcuts";

export interface PageShortcut {
  key: string;
  /** What the element is called. */
  label: string;
}

/** What the shown page can be told by single keys. */
export function pageShortcuts(): PageShortcut[] {
  return shown().map((element) => ({ key: element.getAttribute(attribute) ?? "", label: nameOf(element) }));
}

/** Does what a key stands for on the shown page; false when nothing does. */
export function pressOnPage(key: string): boolean {
  const element = shown().find((one) => one.getAttribute(attribute) === key);
  if (element === undefined) return false;
  element.focus();
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) element.select();
  else element.click();
  return true;
}

/** Presses a key on a page that is still on its way; gives up with the signal. */
export function pressWhenShown(key: string, signal: AbortSignal): void {
  if (pressOnPage(key)) return;
  const watch = new MutationObserver(() => {
    if (pressOnPage(key)) watch.disconnect();
  });
  watch.observe(document.body, { childList: true, subtree: true });
  signal.addEventListener("abort", () => watch.disconnect(), { once: true });
}

function shown(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`main [${attribute}]`)].filter((one) =>
    one.checkVisibility(),
  );
}

function nameOf(element: HTMLElement): string {
  const label =
    element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
      ? element.labels?.[0]?.textContent
      : element.textContent;
  return (element.getAttribute("aria-label") ?? label ?? "").trim();
}

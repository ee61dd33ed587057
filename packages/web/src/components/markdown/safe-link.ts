const allowed = new Set(["http:", "https:", "mailto:"]);

/** The address when it is one that a link may lead to (http, https, mailto), otherwise null. */
export function safeLink(address: unknown): string | null {
  if (typeof address !== "string") return null;
  const url = URL.parse(address);
  return url !== null && allowed.has(url.protocol) ? url.href : null;
}

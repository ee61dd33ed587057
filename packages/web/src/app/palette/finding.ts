import type { Icon } from "@tabler/icons-react";

/** One thing that the palette offers. */
export interface Finding {
  /** Of all findings, this one. */
  key: string;
  group: string;
  label: string;
  description?: string;
  icon: Icon;
  /** Its address in the page, or what it does. */
  to: string | (() => void);
}

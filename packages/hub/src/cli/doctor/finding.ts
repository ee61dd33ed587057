/** What one check of `hearth doctor` found. */
export interface Finding {
  name: string;
  ok: boolean;
  /** A hub that is not running is worth saying and no fault: such a check is not needed. */
  needed: boolean;
  found: string;
  fix: string | null;
}

/** A base that ended its process so often before its first token is not tried again. */
const limit = 2;

/** Which bases ended their processes before they gave anything, and which are not tried any more. */
export class CrashRecord {
  readonly #early = new Map<string, number>();
  readonly #quarantined = new Map<string, string>();
  #total = 0;

  /** Of all bases, whenever they happened. */
  get total(): number {
    return this.#total;
  }

  get quarantined(): { base: string; reason: string }[] {
    return [...this.#quarantined].map(([base, reason]) => ({ base, reason }));
  }

  /** Why a base is not tried; undefined when it is. */
  reasonAgainst(base: string): string | undefined {
    return this.#quarantined.get(base);
  }

  /** Counts a crash; gives the reason when the base is not tried any more from now on. */
  crashed(base: string, words: string, { early }: { early: boolean }): string | null {
    this.#total += 1;
    if (!early) return null;
    const crashes = (this.#early.get(base) ?? 0) + 1;
    this.#early.set(base, crashes);
    if (crashes < limit) return null;
    const reason = `This model ended its process ${crashes} times before it gave an answer and is not tried again until it is unloaded or the hub restarts. ${words}`;
    this.#quarantined.set(base, reason);
    return reason;
  }

  /** It gave a token: what was before counts no more. */
  answered(base: string): void {
    this.#early.delete(base);
  }

  forgive(base: string): void {
    this.#early.delete(base);
    this.#quarantined.delete(base);
  }
}

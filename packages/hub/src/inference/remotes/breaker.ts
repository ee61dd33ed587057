export type BreakerState = "closed" | "open" | "half-open";

/** So many failures in a row open it. */
const failureLimit = 3;
const shortestOpenMs = 1_000;
const longestOpenMs = 60_000;

/**
 * Keeps requests away from a server that does not work. `closed`: requests go to it. After three failures in a
 * row `open`: none go to it, and it is asked for a sign of life at `retryAt`; each time that fails the wait
 * doubles, up to a minute. A sign of life makes it `half-open`: one request tries it, and decides.
 */
export class Breaker {
  readonly #now: () => number;
  #state: BreakerState = "closed";
  #failures = 0;
  #openMs = 0;
  #retryAt = 0;
  #trying = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** When an open one may be asked for a sign of life, by the clock that it was made with. */
  get retryAt(): number {
    return this.#retryAt;
  }

  get allows(): boolean {
    return this.#state === "closed" || (this.#state === "half-open" && !this.#trying);
  }

  /** A request goes to the server. */
  begin(): void {
    if (this.#state === "half-open") this.#trying = true;
  }

  /** A request ended without saying anything of the server, such as one that was cancelled. */
  undecided(): void {
    this.#trying = false;
  }

  succeeded(): void {
    this.#trying = false;
    // One that began before it opened says nothing of now.
    if (this.#state === "open") return;
    this.#state = "closed";
    this.#failures = 0;
    this.#openMs = 0;
  }

  failed(): void {
    this.#trying = false;
    if (this.#state === "open") return;
    this.#failures += 1;
    if (this.#state === "half-open" || this.#failures >= failureLimit) this.#open();
  }

  /** The server gave a sign of life: it lists its models. */
  signOfLife(): void {
    if (this.#state === "open") this.#state = "half-open";
  }

  /** It was asked for one and gave none. */
  noSignOfLife(): void {
    if (this.#state === "open") this.#open();
    else this.failed();
  }

  #open(): void {
    this.#state = "open";
    this.#failures = 0;
    this.#openMs = Math.min(longestOpenMs, Math.max(shortestOpenMs, this.#openMs * 2));
    this.#retryAt = this.#now() + this.#openMs;
  }
}

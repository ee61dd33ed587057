const newline = 10;

/**
 * Cuts a stream of server-sent events after its last whole event; what begins another one waits for its end. No byte
 * is changed. So what has been passed on is whole at every moment, and something of our own can follow it.
 */
export class WholeEvents {
  #rest: Buffer[] = [];

  /** Takes the next bytes, however they were cut; null while no event has come to its end. */
  take(bytes: Buffer): Buffer | null {
    const last = bytes.lastIndexOf("\n\n");
    const joined = bytes[0] === newline && this.#rest.at(-1)?.at(-1) === newline;
    const end = last !== -1 ? last + 2 : joined ? 1 : 0;
    const whole = end === 0 ? null : Buffer.concat([...this.#rest, bytes.subarray(0, end)]);
    if (whole !== null) this.#rest = [];
    if (end < bytes.length) this.#rest.push(bytes.subarray(end));
    return whole;
  }

  /** Whether nothing of an event is here that has not come to its end. */
  get atBoundary(): boolean {
    return this.#rest.length === 0;
  }
}

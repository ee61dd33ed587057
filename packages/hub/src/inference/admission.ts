import { EngineBusy, RequestCancelled } from "./errors.ts";
import { Rotation } from "./rotation.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** Weight of the newest request in the running mean of durations. */
const newest = 0.2;
const longestRetrySeconds = 60;

export interface AdmissionOptions {
  /** Requests of one group that are let in at a time. */
  slots: number;
  /** Groups, beside the one called null, that are open at a time; default: any number. */
  groups?: number;
  /** Requests that may wait here. */
  maxWaiting: number;
  /** Counts over several admissions; default: only this one's limit holds. */
  room?: WaitingRoom;
}

export interface Applicant {
  /** Waiting clients take turns; any name. */
  client: string;
  /** Requests of one group share slots, such as those of one adapter; null: a group that is always open. */
  group: string | null;
}

interface Waiter extends Applicant {
  enter: () => void;
  refuse: (reason: Error) => void;
}

interface Group {
  active: number;
  waiting: Rotation<Waiter>;
}

/**
 * Who is with an engine and who waits for it. Each group has so many slots; a free one goes to the
 * waiting client whose turn it is. When more groups want in than may be open, the one that has been
 * open for longest takes nobody any more until it is empty and gives its place up.
 *
 * Knows nothing of what the slots are: llama.cpp's sequences, or places at a remote server.
 */
export class Admission {
  readonly #slots: number;
  readonly #mostOpen: number;
  readonly #maxWaiting: number;
  readonly #room: WaitingRoom;
  readonly #groups = new Map<string | null, Group>();
  /** In the order in which they were opened. */
  readonly #open = new Set<string>();
  /** Groups that wait for a place, in order. */
  readonly #closed = new Set<string>();
  #active = 0;
  #waiting = 0;
  #visitors = 0;
  #meanMs = 1_000;
  #ended: Error | null = null;

  constructor({ slots, groups, maxWaiting, room }: AdmissionOptions) {
    this.#slots = slots;
    this.#mostOpen = groups ?? Number.POSITIVE_INFINITY;
    this.#maxWaiting = maxWaiting;
    this.#room =
      room ?? new WaitingRoom({ inAll: Number.POSITIVE_INFINITY, perClient: Number.POSITIVE_INFINITY });
  }

  /** Requests that have a slot. */
  get active(): number {
    return this.#active;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Everybody who is here: with a slot, waiting, or visiting. */
  get total(): number {
    return this.#active + this.#waiting + this.#visitors;
  }

  /** Seconds after which somebody who comes now may find a slot, from how long requests took so far. */
  get retryAfterSeconds(): number {
    const seconds = Math.ceil((this.#meanMs * this.#waiting) / this.#slots / 1000);
    return Math.min(longestRetrySeconds, Math.max(1, seconds));
  }

  /**
   * Waits for a slot; call what it gives once when the request is over. Giving up frees the place in
   * the queue at once.
   *
   * Errors, at once: RateLimited when this client has its share waiting, EngineBusy when too many wait;
   * later: RequestCancelled, or the reason of `end`.
   */
  async enter({ client, group }: Applicant, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    if (this.#ended !== null) throw this.#ended;
    const state = this.#groups.get(group) ?? { active: 0, waiting: new Rotation() };
    if (this.#takes(group, state)) {
      if (group !== null) this.#open.add(group);
      this.#groups.set(group, state);
      this.#count(state);
      return this.#leaver(group, state);
    }
    const leaveRoom = this.#queueUp(client);
    try {
      await this.#wait(client, group, state, signal);
    } finally {
      leaveRoom();
    }
    return this.#leaver(group, state);
  }

  /** Keeps the engine in use without taking a slot; call what it gives once. */
  visit(): () => void {
    this.#visitors += 1;
    return once(() => (this.#visitors -= 1));
  }

  /** Sends everybody away who waits, and everybody who comes from now on. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const { waiting } of this.#groups.values()) {
      for (let next = waiting.take(); next !== undefined; next = waiting.take()) next.refuse(reason);
    }
  }

  /** A place in the queue, if there is one. */
  #queueUp(client: string): () => void {
    const leaveRoom = this.#room.enter(client, this.retryAfterSeconds);
    if (this.#waiting < this.#maxWaiting) return leaveRoom;
    leaveRoom();
    throw new EngineBusy("this model", this.#waiting, this.#maxWaiting, this.retryAfterSeconds);
  }

  /** Can somebody who comes now go in? */
  #takes(key: string | null, { active, waiting }: Group): boolean {
    if (active >= this.#slots || waiting.size > 0) return false;
    if (key === null) return true;
    return this.#open.has(key) ? !this.#givesUp(key) : this.#open.size < this.#mostOpen;
  }

  /** Must this open group make place for one that waits? */
  #givesUp(key: string): boolean {
    let place = 0;
    for (const open of this.#open) {
      if (open === key) return place < this.#closed.size;
      place += 1;
    }
    return false;
  }

  async #wait(client: string, group: string | null, state: Group, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = {
      client,
      group,
      enter: () => {
        this.#waiting -= 1;
        this.#count(state);
        resolve();
      },
      refuse: (reason) => {
        this.#waiting -= 1;
        reject(reason);
      },
    };
    const abort = (): void => {
      if (!state.waiting.remove(client, waiter)) return;
      waiter.refuse(new RequestCancelled(signal.reason));
      this.#tidy(group, state);
      this.#fill();
    };
    this.#groups.set(group, state);
    state.waiting.add(client, waiter);
    this.#waiting += 1;
    if (group !== null && !this.#open.has(group)) this.#closed.add(group);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #count(state: Group): void {
    state.active += 1;
    this.#active += 1;
  }

  #leaver(group: string | null, state: Group): () => void {
    const since = performance.now();
    return once(() => {
      this.#meanMs += newest * (performance.now() - since - this.#meanMs);
      state.active -= 1;
      this.#active -= 1;
      this.#tidy(group, state);
      this.#fill();
    });
  }

  /** Closes a group that nobody uses, or that must make place. */
  #tidy(key: string | null, { active, waiting }: Group): void {
    if (key !== null && active === 0 && this.#open.has(key) && (waiting.size === 0 || this.#givesUp(key))) {
      this.#open.delete(key);
      if (waiting.size > 0) this.#closed.add(key);
    }
    if (waiting.size === 0 && key !== null) this.#closed.delete(key);
    if (waiting.size === 0 && active === 0) this.#groups.delete(key);
  }

  /** Gives free slots to those whose turn it is. */
  #fill(): void {
    for (const key of this.#closed) {
      if (this.#open.size >= this.#mostOpen) break;
      this.#closed.delete(key);
      this.#open.add(key);
      // Even if it must give way at once to the next that waits, it was its turn.
      this.#serve(key);
    }
    this.#serve(null);
    for (const key of this.#open) if (!this.#givesUp(key)) this.#serve(key);
  }

  #serve(key: string | null): void {
    const group = this.#groups.get(key);
    while (group !== undefined && group.active < this.#slots && group.waiting.size > 0)
      group.waiting.take()?.enter();
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

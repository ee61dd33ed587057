/** What a person may set of how a model is served; null: chosen from the machine. */
export interface Serving {
  /** Requests decoded together per context. */
  slots: number | null;
  /** Tokens a sequence may hold. */
  contextSize: number | null;
  threads: number | null;
  kvCacheType: KvCacheType | null;
  /** How long it stays loaded unused; Infinity: until its room is needed. */
  keepAliveMs: number | null;
  /** Never unloaded, unless somebody asks for it. */
  pinned: boolean;
}

/** How keys and values of the cache are kept: Q8_0 takes about half of F16, with other last digits in the answers. */
export type KvCacheType = "f16" | "q8_0";

export const nothingSet: Serving = {
  slots: null,
  contextSize: null,
  threads: null,
  kvCacheType: null,
  keepAliveMs: null,
  pinned: false,
};

/** A model's own settings before those of the hub. */
export function withDefaults(own: Serving, hub: Omit<Serving, "pinned">): Serving {
  return {
    slots: own.slots ?? hub.slots,
    contextSize: own.contextSize ?? hub.contextSize,
    threads: own.threads ?? hub.threads,
    kvCacheType: own.kvCacheType ?? hub.kvCacheType,
    keepAliveMs: own.keepAliveMs ?? hub.keepAliveMs,
    pinned: own.pinned,
  };
}

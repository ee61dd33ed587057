/** What is used here of the WebAssembly JavaScript interface, which TypeScript declares for browsers only. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  class Memory {
    /** Sizes are in pages of 64 KiB. */
    constructor(size: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Readonly<Record<string, Memory>>>);
    readonly exports: Readonly<Record<string, (...values: number[]) => number>>;
  }
}

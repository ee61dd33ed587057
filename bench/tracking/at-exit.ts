const cleanups = new Set<() => void>();

/**
 * Has `cleanup` called when this process ends before it was disposed of, also by Ctrl-C: servers in process groups
 * of their own would outlive it.
 */
export function atExit(cleanup: () => void): Disposable {
  if (cleanups.size === 0) {
    process.once("exit", cleanAll);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  }
  cleanups.add(cleanup);
  return {
    [Symbol.dispose]: () => {
      cleanups.delete(cleanup);
      if (cleanups.size > 0) return;
      process.off("exit", cleanAll);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, end);
    },
  };
}

function end(): void {
  process.exit(1);
}

/** The newest first: a server before the folder it works in. */
function cleanAll(): void {
  for (const cleanup of [...cleanups].toReversed()) {
    try {
      cleanup();
    } catch (error) {
      // The others still have to be cleaned up.
      console.error(error);
    }
  }
}

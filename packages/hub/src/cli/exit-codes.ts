/** Exit codes of every command; documented in `hearth --help` and the README. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  unsuccessful: 5,
  exhausted: 6,
  configuration: 78,
  interrupted: 130,
} as const;

export const EXIT_HELP = `Exit codes:
  0    done
  1    something unexpected failed; of diff --exit-code: the versions differ
  2    wrong usage, or a request that the hub calls invalid
  3    no hub answers at the address
  4    not found, in conflict, or not allowed
  5    the work itself did not succeed: a failed job, a gate that refuses, bytes that differ
  6    not enough memory or disk
  78   a bad setting
  130  interrupted (Ctrl-C)`;

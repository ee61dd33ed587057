/** Where sidecars listen, as a person sets it. */
export type ChatTransport =
  | { kind: "socket"; path: string }
  | { kind: "pipe"; path: string }
  /** Port 0: the system chooses, and the port file tells which. */
  | { kind: "http"; port: number; portFile: string };

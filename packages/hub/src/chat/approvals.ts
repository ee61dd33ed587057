/** What a person decided about a call that the conversation asked about; the input is the kept one, not a client's. */
export interface Decision {
  callId: string;
  approvalId: string;
  tool: string;
  input: unknown;
  approved: boolean;
  reason: string | null;
}

/** A decision with its place. */
export interface DecidedCall extends Decision {
  sessionId: string;
  messageId: string;
}

/** Where decisions of people about calls of tools are written down; what is not here is not allowed to run. */
export interface Approvals {
  /** On disk when it resolves. A call that was decided before stays as it was decided. */
  decide(calls: readonly DecidedCall[]): Promise<void>;
}

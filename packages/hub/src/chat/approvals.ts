/** A call that a person was asked about, as it is kept in the conversation: not as a client repeats it. */
export interface DecidedCall {
  sessionId: string;
  messageId: string;
  callId: string;
  approvalId: string;
  tool: string;
  input: unknown;
  approved: boolean;
  reason: string | null;
}

/** Where decisions of people about calls of tools are written down; what is not here is not allowed to run. */
export interface Approvals {
  /** On disk when it resolves. A call that was decided before stays as it was decided. */
  decide(calls: readonly DecidedCall[]): Promise<void>;
}

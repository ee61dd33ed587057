/** A turn that cannot begin, in words for whoever asked for it. Answered with 400. */
export class TurnRefused extends Error {
  override readonly name = "TurnRefused";
}

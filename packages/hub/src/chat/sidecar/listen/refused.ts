/** Why a sidecar cannot listen, in words for the person who chose the place. */
export class ListenRefused extends Error {
  override readonly name = "ListenRefused";
}

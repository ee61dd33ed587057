/** ms since the epoch, UTC */
export type Instant = number;

/** A document as JSON text */
export type Json = string;

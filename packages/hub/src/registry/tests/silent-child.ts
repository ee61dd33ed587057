/** An import process that never answers; it tells its pid by a file. */
import { writeFileSync } from "node:fs";

process.once("message", (message) => {
  if (
    typeof message === "object" &&
    message !== null &&
    "source" in message &&
    typeof message.source === "string"
  ) {
    writeFileSync(`${message.source}.pid`, String(process.pid));
  }
});
process.send?.({ type: "ready" });

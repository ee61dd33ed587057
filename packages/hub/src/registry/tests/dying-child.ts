/** An import process that a model file kills, as native code would die. */
process.once("message", () => {
  process.stderr.write("assertion failed: n_head > 0\n", () => process.kill(process.pid, "SIGABRT"));
});
process.send?.({ type: "ready" });

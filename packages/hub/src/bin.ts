import { enableCompileCache } from "node:module";

// Compiled sources are kept between starts: less than half the start-up time.
enableCompileCache();

const { main } = await import("./cli/main.ts");
process.exitCode = await main(process.argv.slice(2));

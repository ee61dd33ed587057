/**
 * Runs before each file of tests: in CI, property tests draw the same cases every time, so that a change is
 * judged for what it changes. Everywhere else they draw new ones, and name the seed of what failed.
 */
import fc from "fast-check";

if (process.env["CI"]) fc.configureGlobal({ seed: 20_261_129 });

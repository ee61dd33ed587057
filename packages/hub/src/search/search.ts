/**
 * The search languages of tracking and registry: one grammar for filters and orders, a description of what
 * each entity has, and a compiler to SQL that behaves alike on every database.
 *
 *     const conditions = resolveFilter(runs, "metrics.loss < 0.1 AND tags.team = 'vision'");
 *     const order = resolveOrderBy(runs, ["metrics.loss ASC"]);
 */
export { compare } from "./compare.ts";
export { compileFilter } from "./compile-filter.ts";
export { compileOrder } from "./compile-order.ts";
export type { Dialect, Layout, Source, Sql, WriteCondition } from "./layout.ts";
export { runsLayout } from "./runs-layout.ts";
export { findRunIds } from "./find-runs.ts";
export { all, inScope, type RunScope } from "./run-scope.ts";
export { resolveFilter, resolveOrder, resolveOrderBy } from "./resolve.ts";
export type { Condition, SortTerm, Test } from "./condition.ts";
export type { Entity } from "./entity.ts";
export { evaluationDatasets, experiments, runs } from "./entities/tracking.ts";
export { loggedModels, modelVersions, promptTag, registeredModels } from "./entities/registry.ts";
export { traces } from "./entities/traces.ts";

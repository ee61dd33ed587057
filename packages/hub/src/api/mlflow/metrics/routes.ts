import type { Operation } from "../../operation.ts";
import { metricHistoryBulk, metricHistoryInterval } from "./bulk.ts";
import { metricHistory } from "./history.ts";

export const metricOperations: readonly Operation[] = [
  metricHistory,
  metricHistoryBulk,
  metricHistoryInterval,
];

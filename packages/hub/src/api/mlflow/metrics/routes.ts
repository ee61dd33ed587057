import type { Operation } from "../../operation.ts";
import { metricHistory } from "./history.ts";

export const metricOperations: readonly Operation[] = [metricHistory];

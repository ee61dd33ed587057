import type { Operation } from "../../operation.ts";
import { serverInfo, serverVersion } from "./server-info.ts";

export const aboutOperations: readonly Operation[] = [serverVersion, serverInfo];

import { MlxEngine } from "../engines/mlx/engine.ts";
import { mlxFiles } from "./mlx-fixtures.ts";
import { tinyShape } from "./model-fixtures.ts";

/** Loads a model in the mlx engine, tells the server's pid, and waits to be killed. Arguments: Python, model, log. */
const [interpreter = "", model = "", logFile = ""] = process.argv.slice(2);
const engine = new MlxEngine({ server: { environment: { interpreter, device: "cpu" } }, logFile });
await engine.load(await mlxFiles(model, tinyShape), { threads: 1, slots: 1 }, new AbortController().signal);
process.send?.({ pid: engine.pid });

import { pythonWith } from "../peers/python-peer.ts";
import { MlflowServer } from "../mlflow/mlflow-server.ts";
import { TestHub } from "../test-hub.ts";

export interface Server extends AsyncDisposable {
  readonly url: string;
}

const python = await pythonWith("mlflow");

/** What the SDK must work with: our own hub, and MLflow's server where it is installed. */
export const servers: { name: string; start: () => Promise<Server> }[] = [
  { name: "Hearth", start: () => TestHub.start() },
  ...(python === undefined ? [] : [{ name: "MLflow's server", start: () => MlflowServer.start(python) }]),
];

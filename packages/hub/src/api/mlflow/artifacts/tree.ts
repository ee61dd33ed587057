import { HearthError } from "../../../errors.ts";
import type { Exchange } from "../../operation.ts";
import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { contentTypeOf } from "../../files/content-type.ts";
import { presentFile } from "./present.ts";
import { sendFile } from "../../files/send-file.ts";

const path = "/mlflow-artifacts/artifacts/{path...}";

/** A sender that says nothing for so long is gone. An upload itself may take any time. */
const silenceMs = 120_000;

export const downloadArtifact = mlflowOperation({
  method: "GET",
  path,
  name: "mlflowDownloadArtifact",
  summary: "A file of the artifact tree, or a range of it",
  handle: async ({ services, params, ...call }) => {
    const file = await services.artifacts.open(params["path"] ?? "");
    return await sendFile(file, contentTypeOf(file.name), { ...call, params });
  },
});

export const uploadArtifact = mlflowOperation({
  method: "PUT",
  path,
  rawBody: true,
  name: "mlflowUploadArtifact",
  summary: "Stores the body, of any size, as a file of the artifact tree",
  handle: async ({ services, params, exchange, signal }) => {
    const { incoming } = connection(exchange);
    const { socket } = incoming;
    const giveUp = (): void => void incoming.destroy(new Error("The sender has stopped sending."));
    socket.setTimeout(silenceMs, giveUp);
    try {
      await services.artifacts.write(params["path"] ?? "", incoming, signal);
    } catch (error) {
      if (socket.destroyed)
        throw new HearthError("cancelled", "The sender went away before the file was whole.", {
          cause: error,
        });
      if (signal.aborted)
        throw new HearthError("unavailable", "The hub is stopping; send the file again later.", {
          cause: error,
        });
      throw error;
    } finally {
      socket.setTimeout(0);
      socket.off("timeout", giveUp);
    }
    return undefined;
  },
});

export const deleteArtifact = mlflowOperation({
  method: "DELETE",
  path,
  name: "mlflowDeleteArtifact",
  summary: "Removes a file or a folder of the artifact tree",
  handle: async ({ services, params }) => {
    await services.artifacts.remove(params["path"] ?? "");
    return undefined;
  },
});

export const listArtifactTree = mlflowOperation({
  method: "GET",
  path: "/mlflow-artifacts/artifacts",
  name: "mlflowListArtifactTree",
  summary: "The names in a folder of the artifact tree",
  request: { path: text() },
  handle: async ({ services, input }) => {
    const entries = await services.artifacts.list(input.path ?? "");
    return entries.length === 0 ? {} : { files: entries.map((entry) => presentFile(entry, "")) };
  },
});

function connection(exchange: Exchange | null): Exchange {
  if (exchange === null) throw new HearthError("internal", "A file can only be sent over a connection.");
  return exchange;
}

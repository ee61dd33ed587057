import { inTree } from "../../../artifacts/location.ts";
import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { contentTypeOf } from "../../files/content-type.ts";
import { sendFile } from "../../files/send-file.ts";

export const getVersionArtifact = mlflowOperation({
  method: "GET",
  path: "/model-versions/get-artifact",
  mounts: ["/model-versions/get-artifact", "/ajax-api/2.0/mlflow/model-versions/get-artifact"],
  name: "mlflowGetVersionArtifact",
  summary: "A file of a registered version",
  request: { name: text().required(), version: text().required(), path: text().required() },
  handle: async ({ services, input, ...call }) => {
    const uri = await services.registeredModels.versions.downloadUri(input.name, input.version);
    const file = await services.artifacts.open(inTree(uri, input.path));
    return await sendFile(file, contentTypeOf(file.name), call);
  },
});

import { Autocomplete, Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";
import { modelsQuery } from "../../hub/queries.ts";
import { versionAddress } from "../../routing/addresses.ts";

/** Gives an adapter to its base in GGUF, as a new version, once that answers as the trainer did. */
export function GgufDialog({ version, onClose }: { version: ModelVersion; onClose: () => void }) {
  const queries = useQueryClient();
  const { data: models } = useQuery(modelsQuery);
  const bases = models?.filter(({ base_model }) => base_model === null) ?? [];
  const [base, setBase] = useState("");
  const make = useMutation({
    mutationFn: () => hub.models.ggufTwin(version.model, version.version, base),
    onSuccess: (made) => {
      onClose();
      location.assign(versionAddress(made.model, made.version));
    },
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <FormDialog
      title={`Export ${version.model}:${version.version} to GGUF`}
      submit="Export"
      mutation={make}
      disabled={base === ""}
      onClose={onClose}
      actions={
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
      }
    >
      <Autocomplete
        label="The same base in GGUF"
        description={`It must answer as ${version.lineage.base?.reference ?? "the base"} did in the training; the adapter becomes a new version on it`}
        placeholder="name or name:3"
        data={bases.map(({ name }) => name)}
        value={base}
        onChange={setBase}
      />
    </FormDialog>
  );
}

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { hub } from "../../hub/hub.ts";
import { chatAddress } from "../../routing/addresses.ts";
import { canBecomeGguf } from "./can-become-gguf.ts";
import { compareAddress } from "./compare/compare-search.ts";
import { counterpartOf } from "./counterpart.ts";
import { GgufDialog } from "./gguf-dialog.tsx";
import { LoadDialog } from "./load-dialog.tsx";
import { PromoteDialog } from "./promote-dialog.tsx";

/** What can be done with a version: ask, name, load, train again, export. */
export function VersionActions({
  model,
  version,
  pinned,
  loaded,
}: {
  model: Model;
  version: ModelVersion;
  pinned: boolean;
  loaded: boolean;
}) {
  const queries = useQueryClient();
  const [promoting, setPromoting] = useState(false);
  const [exporting, setExporting] = useState(false);
  const [loading, setLoading] = useState<"load" | "pin" | null>(null);
  const reference = `${model.name}:${version.version}`;
  const act = useMutation({
    mutationFn: (what: "unload" | "pin" | "unpin") => hub.models[what](reference),
    onSettled: () => queries.invalidateQueries(),
  });
  const reproduce = useMutation({
    mutationFn: () => hub.models.reproduce(model.name, version.version),
    onSuccess: (job) => location.assign(`#/training/jobs/${job.id}`),
  });
  const ready = version.status === "ready";
  return (
    <>
      {ready && (
        <Button component="a" href={chatAddress(reference)}>
          Chat with it
        </Button>
      )}
      {ready && (
        <Button variant="default" onClick={() => setPromoting(true)}>
          Promote
        </Button>
      )}
      {ready && (
        <Button
          variant="default"
          loading={act.isPending}
          onClick={() => (loaded ? act.mutate("unload") : setLoading("load"))}
        >
          {loaded ? "Unload" : "Load"}
        </Button>
      )}
      {ready && (
        <Button
          variant="default"
          disabled={act.isPending}
          onClick={() => {
            if (pinned) act.mutate("unpin");
            else if (loaded) act.mutate("pin");
            else setLoading("pin");
          }}
        >
          {pinned ? "Unpin" : "Pin"}
        </Button>
      )}
      <Button
        component="a"
        variant="default"
        href={compareAddress([reference, ...counterpartOf(model, version.version)])}
      >
        Compare with…
      </Button>
      {version.lineage.job_id !== null && (
        <Button variant="default" loading={reproduce.isPending} onClick={() => reproduce.mutate()}>
          Reproduce
        </Button>
      )}
      {canBecomeGguf(version) && (
        <Button variant="default" onClick={() => setExporting(true)}>
          Export to GGUF
        </Button>
      )}
      {act.error !== null && <ErrorNotice error={act.error} />}
      {reproduce.error !== null && <ErrorNotice error={reproduce.error} />}
      {loading !== null && (
        <LoadDialog
          model={model.name}
          version={version.version}
          what={loading}
          onClose={() => setLoading(null)}
        />
      )}
      {exporting && <GgufDialog version={version} onClose={() => setExporting(false)} />}
      {promoting && (
        <PromoteDialog model={model} version={version.version} onClose={() => setPromoting(false)} />
      )}
    </>
  );
}

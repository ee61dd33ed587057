import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { useState } from "react";
import { DeleteButton } from "../../components/delete-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { VerifyResult } from "../../components/verify-result.tsx";
import { hub } from "../../hub/hub.ts";

/** Checks the hub's copy again, and deletes it when nothing uses it. */
export function DatasetActions({ dataset }: { dataset: Dataset }) {
  const [told, setTold] = useState(false);
  const verify = useMutation({
    mutationFn: () => hub.datasets.verify(dataset.id),
    onSettled: () => setTold(true),
  });
  return (
    <>
      <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
        Verify
      </Button>
      <DeleteButton
        kind="dataset"
        name={`${dataset.name}:${dataset.version}`}
        warning="The hub's copy of its files is deleted too."
        remove={() => hub.datasets.remove(dataset.id)}
        list={{ address: "#/datasets", key: "datasets" }}
      />
      <Dialog opened={told} onClose={() => setTold(false)} title="The hub's copy">
        {verify.error !== null && <ErrorNotice error={verify.error} />}
        {verify.data !== undefined && <VerifyResult {...verify.data} />}
      </Dialog>
    </>
  );
}

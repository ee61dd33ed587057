import { Alert, Anchor, Button, Text, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { GateResult, Model } from "@hearth/wire/hub/models";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { hub } from "../../hub/hub.ts";
import { compareAddress } from "./compare/compare-search.ts";
import { GateChecks } from "./gate-checks.tsx";
import { measureMissing } from "./measure-missing.ts";

/** Gives a version an alias if its gates hold, and tells what each gate found. */
export function PromoteDialog({
  model,
  version,
  onClose,
}: {
  model: Model;
  version: number;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [alias, setAlias] = useState("champion");
  const [gates, setGates] = useState("");
  const current = Object.hasOwn(model.aliases, alias) ? model.aliases[alias] : undefined;
  const request = {
    version,
    alias,
    require: gates
      .split("\n")
      .map((gate) => gate.trim())
      .filter((gate) => gate !== ""),
  };
  const promote = useMutation({
    mutationFn: () => hub.models.promote(model.name, request),
    onSettled: () => queries.invalidateQueries(),
  });
  const measure = useMutation({
    mutationFn: () => measureMissing(model.name, request),
    onSuccess: () => promote.mutate(),
    onSettled: () => queries.invalidateQueries(),
  });
  const lacks = promote.data?.checks.some(({ needed }) => needed !== null) === true;
  return (
    <FormDialog
      title={`Promote ${model.name}:${version}`}
      size="xl"
      submit="Promote"
      mutation={promote}
      onClose={onClose}
      outcome={promote.data !== undefined && <Outcome result={promote.data} />}
      actions={
        <>
          {lacks && (
            <Button variant="default" loading={measure.isPending} onClick={() => measure.mutate()}>
              Measure what is missing
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      {current !== undefined && current !== version && (
        <Text size="sm">
          @{alias} is version {current} now.{" "}
          <Anchor
            underline="always"
            href={compareAddress([`${model.name}:${current}`, `${model.name}:${version}`])}
          >
            Compare version {current} with version {version}
          </Anchor>
        </Text>
      )}
      <TextInput label="Alias" required value={alias} onChange={(event) => setAlias(event.target.value)} />
      <Textarea
        label="Gates"
        description="One a line; all must hold. Examples: accuracy>=champion+0.01, ci_low(accuracy)>=0.9, f1/spam>=0.8"
        autosize
        minRows={2}
        value={gates}
        onChange={(event) => setGates(event.target.value)}
      />
      {measure.error !== null && <ErrorNotice error={measure.error} />}
    </FormDialog>
  );
}

function Outcome({ result }: { result: GateResult }) {
  const title = result.promoted
    ? `@${result.alias} is version ${result.version} now`
    : `Refused: @${result.alias} stays as it was`;
  return (
    <Alert {...(result.promoted ? { variant: "default" } : { color: "red" })} title={title} role="status">
      {result.checks.length > 0 && <GateChecks label="Gates" checks={result.checks} />}
    </Alert>
  );
}

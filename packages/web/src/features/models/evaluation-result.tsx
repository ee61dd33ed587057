import { Anchor, Button, Paper, Text } from "@mantine/core";
import type { Evaluation, UsedScorer } from "@hearth/wire/hub/evaluation";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { datasetAddress } from "../../routing/addresses.ts";
import { EvaluationAnswers } from "./evaluation-answers.tsx";
import { EvaluationFigures } from "./evaluation-figures.tsx";
import { Confusion, EvaluationLabels } from "./evaluation-labels.tsx";

/** Figures of one evaluation with their intervals, what was answered instead of what, and each answer. */
export function EvaluationResult({ evaluation, dataset }: { evaluation: Evaluation; dataset: string }) {
  const [answers, setAnswers] = useState(false);
  return (
    <Paper withBorder p="md" role="group" aria-label={`Evaluation on ${dataset}, ${evaluation.split}`}>
      <Text size="sm" mb="xs">
        <Anchor underline="always" href={datasetAddress(evaluation.dataset_id)}>
          {dataset}
        </Anchor>
        , {evaluation.split}, {evaluation.rows} rows, <Age at={evaluation.created_at} />
      </Text>
      <EvaluationFigures evaluation={evaluation} />
      {evaluation.scorers.map((scorer) => (
        <Scorer key={scorer.name} scorer={scorer} />
      ))}
      <EvaluationLabels labels={evaluation.labels} />
      <Confusion confusion={evaluation.confusion} />
      <Button
        size="compact-sm"
        variant="default"
        aria-expanded={answers}
        onClick={() => setAnswers(!answers)}
      >
        {answers ? "Hide the answers" : "Show the answers"}
      </Button>
      {answers && <EvaluationAnswers id={evaluation.id} />}
    </Paper>
  );
}

function Scorer({
  scorer: { name, path, sha256, rows, failures, first_failure: first },
}: {
  scorer: UsedScorer;
}) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      Scorer {name} of {path}, sha256 {sha256.slice(0, 12)}…: {rows} rows scored, {failures} failed
      {first !== null && `; the first: ${first}`}
    </Text>
  );
}

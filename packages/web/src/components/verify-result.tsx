import { Alert, List } from "@mantine/core";

export interface VerifyResultProps {
  ok: boolean;
  problems: readonly string[];
  /** What every byte is of, as in "every byte of 3 files"; without it only that every byte is right. */
  of?: string;
}

/** What came of hashing the hub's copy again. */
export function VerifyResult({ ok, problems, of }: VerifyResultProps) {
  if (ok)
    return (
      <Alert
        color="green"
        role="status"
        title={`Every byte ${of === undefined ? "" : `of ${of} `}is as it was registered`}
      />
    );
  return (
    <Alert color="red" role="alert" title="It is not what was registered">
      <List>
        {problems.map((problem) => (
          <List.Item key={problem} style={{ overflowWrap: "anywhere" }}>
            {problem}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

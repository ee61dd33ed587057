import { Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { modelsQuery } from "../../hub/queries.ts";
import { useLoad } from "./use-load.ts";

/** Chooses one of the hub's models and loads the version that its name stands for. */
export function LoadModel() {
  const models = useQuery(modelsQuery);
  const load = useLoad();
  const [chosen, setChosen] = useState<string | null>(null);
  const error = models.error ?? load.error;
  if (models.data?.length === 0) return null;
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <Group align="end" gap="xs" mb="sm">
        <Select
          aria-label="Model to load"
          placeholder="Choose a model"
          size="xs"
          searchable
          data={models.data?.map(({ name }) => name) ?? []}
          value={chosen}
          onChange={setChosen}
        />
        <Button
          size="xs"
          variant="default"
          disabled={chosen === null}
          loading={load.isPending}
          onClick={() => chosen !== null && load.mutate(chosen)}
        >
          Load
        </Button>
      </Group>
    </>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

/** Loads a model before anybody asks it something. */
export function useLoad() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reference: string) => hub.models.load(reference),
    onSettled: () => queries.invalidateQueries({ queryKey: ["status"] }),
  });
}

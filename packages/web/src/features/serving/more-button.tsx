import { Button } from "@mantine/core";

/** Shows the rest of a list, and hides it again; nothing where there is no rest. */
export function MoreButton(options: {
  total: number;
  shown: number;
  all: boolean;
  onChange: (all: boolean) => void;
}) {
  const { total, shown, all, onChange } = options;
  if (total <= shown) return null;
  return (
    <Button size="compact-sm" variant="subtle" onClick={() => onChange(!all)}>
      {all ? `Show the last ${shown}` : `Show all ${total}`}
    </Button>
  );
}

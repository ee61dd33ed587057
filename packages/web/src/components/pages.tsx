import { Pagination, type PaginationProps } from "@mantine/core";

/** The pages of a long list; nothing where there is only one. `name` tells several lists of one page apart. */
export function Pages({ name, ...props }: PaginationProps & { name?: string }) {
  const of = name === undefined ? "" : ` of ${name}`;
  return (
    <Pagination
      hideWithOnePage
      getItemProps={(number) => ({ "aria-label": `Page ${number}${of}` })}
      getControlProps={(control) => ({ "aria-label": `${control} page${of}` })}
      {...props}
    />
  );
}

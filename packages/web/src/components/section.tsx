import { Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A part of a page under its own heading, by which assistive technology finds it too. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

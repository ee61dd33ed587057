import { Anchor, Blockquote, Box, Code, Divider, List, Table, Text, Title } from "@mantine/core";
import type { ComponentProps } from "react";
import { Streamdown } from "streamdown";
import { CodeBlock } from "./code-block.tsx";
import { safeLink } from "./safe-link.ts";

type Tag<Name extends keyof React.JSX.IntrinsicElements> = ComponentProps<Name> & { node?: unknown };

/** A heading of an answer stands under the page's own. */
function Heading({ children }: { children?: React.ReactNode }) {
  return (
    <Title order={3} size="h5" mt="sm" mb={4}>
      {children}
    </Title>
  );
}

function Link({ href, children }: Tag<"a">) {
  const address = safeLink(href);
  if (address === null) return <span>{children}</span>;
  return (
    <Anchor href={address} target="_blank" rel="noopener noreferrer" underline="always" inherit>
      {children}
    </Anchor>
  );
}

/** Pictures are named and never loaded: asking for one would tell another host who reads what. */
function Picture({ alt, src }: Tag<"img">) {
  const address = safeLink(src);
  const name = `picture: ${alt === undefined || alt === "" ? "without a name" : alt}`;
  return address === null ? <span>[{name}]</span> : <Link href={address}>[{name}]</Link>;
}

function Pre({ node }: Tag<"pre">) {
  return <CodeBlock node={node} />;
}

const components = {
  a: Link,
  img: Picture,
  pre: Pre,
  code: ({ children }: Tag<"code">) => <Code>{children}</Code>,
  inlineCode: ({ children }: Tag<"code">) => <Code>{children}</Code>,
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  p: ({ children }: Tag<"p">) => (
    <Text component="p" my={6} style={{ overflowWrap: "anywhere" }}>
      {children}
    </Text>
  ),
  ul: ({ children }: Tag<"ul">) => (
    <List my={6} withPadding>
      {children}
    </List>
  ),
  ol: ({ children, start }: Tag<"ol">) => (
    <List type="ordered" my={6} withPadding {...(start === undefined ? {} : { start })}>
      {children}
    </List>
  ),
  li: ({ children }: Tag<"li">) => <List.Item>{children}</List.Item>,
  hr: () => <Divider my="sm" />,
  strong: ({ children }: Tag<"strong">) => <strong>{children}</strong>,
  blockquote: ({ children }: Tag<"blockquote">) => (
    <Blockquote p="xs" my="xs" color="gray">
      {children}
    </Blockquote>
  ),
  table: ({ children }: Tag<"table">) => (
    <Box mah={420} my="xs" tabIndex={0} role="group" aria-label="Table" style={{ overflow: "auto" }}>
      <Table withTableBorder withColumnBorders>
        {children}
      </Table>
    </Box>
  ),
  thead: ({ children }: Tag<"thead">) => <Table.Thead>{children}</Table.Thead>,
  tbody: ({ children }: Tag<"tbody">) => <Table.Tbody>{children}</Table.Tbody>,
  tr: ({ children }: Tag<"tr">) => <Table.Tr>{children}</Table.Tr>,
  th: ({ children }: Tag<"th">) => <Table.Th>{children}</Table.Th>,
  td: ({ children }: Tag<"td">) => <Table.Td>{children}</Table.Td>,
};

/** No plugin that parses HTML: tags stay the text that they are. Links are judged by `safeLink`. */
const noPlugins: [] = [];

/** Markdown drawn with the page's own components. */
export function RenderedMarkdown({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <Streamdown
      mode={streaming ? "streaming" : "static"}
      isAnimating={streaming}
      components={components}
      rehypePlugins={noPlugins}
      controls={false}
    >
      {text}
    </Streamdown>
  );
}

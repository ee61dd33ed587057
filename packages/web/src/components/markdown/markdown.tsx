import { Button, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

const RenderedMarkdown = lazy(async () => ({
  default: (await import("./rendered-markdown.tsx")).RenderedMarkdown,
}));

/** Above this many characters a text is shown as it is: parsing it again with every token would freeze the page. */
const mostParsed = 200_000;
/** Of a long text so much is shown at first. */
const firstShown = 20_000;

/** Markdown from outside, which may be hostile: no HTML of it runs and nothing is loaded for it. */
export function Markdown({ text, streaming = false }: { text: string; streaming?: boolean }) {
  if (text.length > mostParsed) return <PlainText text={text} />;
  return (
    <Suspense fallback={<PlainText text={text} />}>
      <RenderedMarkdown text={text} streaming={streaming} />
    </Suspense>
  );
}

/** A text as it is; of a long one the beginning, and the rest when it is asked for. */
export function PlainText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > firstShown;
  return (
    <div>
      <Text component="div" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {cut ? text.slice(0, firstShown) : text}
      </Text>
      {cut && (
        <Button variant="light" size="compact-sm" onClick={() => setAll(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </Button>
      )}
    </div>
  );
}

import { Button, Text } from "@mantine/core";
import { lazy, memo, startTransition, Suspense, useState, type ReactNode } from "react";
import classes from "./markdown.module.css";
import { markdownParts, textParts } from "./parts.ts";

const RenderedMarkdown = lazy(async () => ({
  default: (await import("./rendered-markdown.tsx")).RenderedMarkdown,
}));

/** Above this many characters a text that is shown in full is shown as it is. */
const mostParsed = 200_000;
/** Of a long text so many parts are shown at first. */
const firstShown = 2;

/** Markdown from outside, which may be hostile: no HTML of it runs and nothing is loaded for it. */
export function Markdown({ text, streaming = false }: { text: string; streaming?: boolean }) {
  return (
    <LongText text={text}>
      {(most) =>
        most === Infinity && text.length > mostParsed
          ? plain(text, most)
          : markdownParts(text, most).map((part, index) => (
              <MarkdownPart key={index} text={part} streaming={streaming} full={most === Infinity} />
            ))
      }
    </LongText>
  );
}

/** A text as it is; of a long one the beginning, and the rest when it is asked for. */
export function PlainText({ text }: { text: string }) {
  return <LongText text={text}>{(most) => plain(text, most)}</LongText>;
}

/** Draws so many parts of a text, and offers the rest. */
function LongText({ text, children }: { text: string; children: (most: number) => ReactNode }) {
  const [all, setAll] = useState(false);
  const cut = !all && textParts(text, firstShown + 1).length > firstShown;
  return (
    <div>
      {children(all ? Infinity : firstShown)}
      {cut && (
        // Many parts are many frames: between them the page answers.
        <Button variant="light" size="compact-sm" onClick={() => startTransition(() => setAll(true))}>
          Show all {text.length.toLocaleString("en")} characters
        </Button>
      )}
    </div>
  );
}

const MarkdownPart = memo(function MarkdownPart({
  text,
  streaming,
  full,
}: {
  text: string;
  streaming: boolean;
  full: boolean;
}) {
  return (
    <div className={full ? classes["part"] : undefined}>
      <Suspense fallback={<PlainPart text={text} full={false} />}>
        <RenderedMarkdown text={text} streaming={streaming} />
      </Suspense>
    </div>
  );
});

const plain = (text: string, most: number) =>
  textParts(text, most).map((part, index) => <PlainPart key={index} text={part} full={most === Infinity} />);

const PlainPart = memo(function PlainPart({ text, full }: { text: string; full: boolean }) {
  return (
    <Text
      component="div"
      className={full ? classes["part"] : undefined}
      style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
    >
      {text}
    </Text>
  );
});

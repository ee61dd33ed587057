import { Badge, Button, Group, NumberInput, SimpleGrid, Stack, Textarea } from "@mantine/core";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { useState } from "react";
import { Section } from "../../../components/section.tsx";
import { AnswerCard } from "./answer-card.tsx";
import { useAsking } from "./asking.ts";

const referenceOf = ({ model, version }: ModelVersion) => `${model}:${version}`;

/** One prompt for all of them; what they answer stands beside each other. */
export function PromptAnswers({ versions }: { versions: readonly ModelVersion[] }) {
  const [prompt, setPrompt] = useState("");
  const [expected, setExpected] = useState("");
  const [maxTokens, setMaxTokens] = useState<string | number>(256);
  const [temperature, setTemperature] = useState<string | number>(0);
  const { answers, asking, ask, stop } = useAsking();
  const references = versions.map(referenceOf);
  const shown = references.map((reference) => answers.get(reference));
  const done = shown.filter((answer) => answer?.state === "done");
  const same = new Set(done.map((answer) => answer?.text.trim())).size === 1;
  const send = () =>
    void ask(
      references.map((model) => [
        {
          key: model,
          model,
          prompt: [{ role: "user" as const, content: prompt }],
          maxTokens: Number(maxTokens) || 256,
          temperature: Number(temperature) || 0,
        },
      ]),
    );
  return (
    <Section title="One prompt for all">
      <Stack>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <Stack>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <Textarea
                label="Prompt"
                autosize
                minRows={2}
                maxRows={12}
                value={prompt}
                onChange={(event) => setPrompt(event.currentTarget.value)}
              />
              <Textarea
                label="Expected answer"
                description="If there is one: answers are held against it, blanks and case aside"
                autosize
                minRows={1}
                maxRows={12}
                value={expected}
                onChange={(event) => setExpected(event.currentTarget.value)}
              />
            </SimpleGrid>
            <Group align="flex-end">
              <NumberInput
                label="Temperature"
                w={120}
                min={0}
                max={2}
                step={0.1}
                value={temperature}
                onChange={setTemperature}
              />
              <NumberInput
                label="Most tokens"
                w={120}
                min={1}
                step={64}
                allowDecimal={false}
                value={maxTokens}
                onChange={setMaxTokens}
              />
              {/* Of their own: one button that changes its type under the pointer would send what it stops. */}
              {asking ? (
                <Button
                  key="stop"
                  variant="default"
                  leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
                  onClick={stop}
                >
                  Stop
                </Button>
              ) : (
                <Button key="ask" type="submit" disabled={prompt.trim() === ""}>
                  Ask all
                </Button>
              )}
              {done.length === references.length && (
                <Badge variant="dot" color={same ? "green" : "yellow"} tt="none" role="status">
                  {same ? "The answers are the same" : "The answers differ"}
                </Badge>
              )}
            </Group>
          </Stack>
        </form>
        {answers.size > 0 && (
          <SimpleGrid cols={{ base: 1, sm: Math.min(2, references.length), lg: references.length }}>
            {references.map((reference, index) => (
              <AnswerCard
                key={reference}
                reference={reference}
                answer={shown[index]}
                // Marked are the words that the first has otherwise, and in the first those of the second.
                other={shown[index === 0 ? 1 : 0]}
                expected={expected}
              />
            ))}
          </SimpleGrid>
        )}
      </Stack>
    </Section>
  );
}

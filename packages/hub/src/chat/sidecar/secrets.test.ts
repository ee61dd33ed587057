import { APICallError } from "ai";
import { describe, expect, it } from "vitest";
import { masked, secretsOf } from "./secrets.ts";
import { wordsOf } from "./words-of.ts";

const key = 'sk-proj-Ab1"\\/+=xyz0123456789';

describe("masked", () => {
  it("finds keys in every form that an error may show them in", () => {
    const forms = [
      key,
      encodeURIComponent(key),
      JSON.stringify({ authorization: `Bearer ${key}` }),
      Buffer.from(key).toString("base64"),
      `Incorrect API key provided: ${key.slice(0, 20)}`,
    ];
    const words = masked(forms.join("\n"), [key]);
    for (const form of forms) expect(words).not.toContain(form);
    expect(words).not.toContain(key.slice(0, 14));
    expect(words).not.toContain("0123456789");
    expect(words.match(/\(key\)/g)).toHaveLength(5);
  });

  it("leaves other text, and what is too short to be a key, alone", () => {
    expect(masked("no key here", ["here", key])).toBe("no key here");
  });
});

describe("wordsOf", () => {
  const error = (responseBody: string) =>
    new APICallError({
      message: "Unauthorized",
      url: "http://x",
      requestBodyValues: {},
      statusCode: 401,
      responseBody,
    });
  it("repeats no key of an answer, also where it is cut off at the end", () => {
    const body = (message: string) => JSON.stringify({ error: { message } });
    expect(wordsOf(error(body(`bad key ${key}`)), [key])).toBe("The provider answered 401: bad key (key)");
    const long = wordsOf(error(body(`${"x".repeat(1_990)}${key}`)), [key]);
    expect(long).not.toContain("sk-proj");
    expect(wordsOf(new Error("a", { cause: new Error(key) }), [key])).toBe("a: (key)");
    expect(wordsOf({ told: key }, [key])).toBe('{"told":"(key)"}');
  });

  it("knows the keys of every provider, and the hub's", () => {
    const provider = {
      id: "a",
      name: "a",
      type: "openai" as const,
      baseURL: null,
      apiKey: key,
      missingKey: null,
      models: [],
    };
    expect(secretsOf({ hubKey: "the-hub", providers: [provider, { ...provider, apiKey: null }] })).toEqual([
      "the-hub",
      key,
    ]);
  });
});

import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HearthError } from "../errors.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { decodeTraces, encodingOf, type Encoding } from "./otlp.ts";
import { exportResponse, statusResponse } from "./response.ts";

/** Made with opentelemetry-proto 1.x in Python: one span with every kind of value. */
const sample = Buffer.from(
  "0ae3020a170a150a0c736572766963652e6e616d6512050a0373766312c70212c4020a105b8efff798038103d269b633813fc60c" +
    "1208eee19b7ec3c1b1741a03613d622208eee19b7ec3c1b1732a066e61c3af766530033990dedede40fde918411a7c60e440fde918" +
    "4a110a03696e74120a188080808080808080104a120a036e6567120b18fbffffffffffffffff014a120a0577686f6c651209210000" +
    "00000000f03f4a130a06646f75626c65120921000000000000d03f4a0a0a04626f6f6c120210014a0d0a0562797465731204" +
    "3a0201024a100a036e616e120921000000000000f87f4a150a046c697374120d2a0b0a030a01780a0218070a004a1b0a036d61701214" +
    "32120a100a095f5f70726f746f5f5f12030a01794a060a046e6f6e655a150905000000000000001201651a070a016b120210006a1c" +
    "0a1001010101010101010101010101010101120802020202020202027a0712036261641802850101010000",
  "hex",
);

/** The same span in OTLP's JSON. */
const sampleJson = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "svc" } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: "5B8EFFF798038103D269B633813FC60C",
              spanId: "eee19b7ec3c1b174",
              parentSpanId: "eee19b7ec3c1b173",
              name: "naïve",
              kind: "SPAN_KIND_CLIENT",
              startTimeUnixNano: "1795244381542735504",
              endTimeUnixNano: "END",
              attributes: [
                { key: "int", value: { intValue: "1152921504606846976" } },
                { key: "neg", value: { intValue: -5 } },
                { key: "whole", value: { doubleValue: 1 } },
                { key: "double", value: { doubleValue: 0.25 } },
                { key: "bool", value: { boolValue: true } },
                { key: "bytes", value: { bytesValue: "AQI=" } },
                { key: "nan", value: { doubleValue: "NaN" } },
                {
                  key: "list",
                  value: { arrayValue: { values: [{ stringValue: "x" }, { intValue: 7 }, {}] } },
                },
                {
                  key: "map",
                  value: { kvlistValue: { values: [{ key: "__proto__", value: { stringValue: "y" } }] } },
                },
                { key: "none" },
              ],
              events: [
                { name: "e", timeUnixNano: 5, attributes: [{ key: "k", value: { boolValue: false } }] },
              ],
              links: [{ traceId: "01".repeat(16), spanId: "02".repeat(8) }],
              status: { code: 2, message: "bad" },
            },
          ],
        },
      ],
    },
  ],
}).replace('"END"', "1795244381635116058");

const signal = new AbortController().signal;
const decode = (body: Uint8Array, encoding: Encoding = "protobuf", contentEncoding = "") =>
  decodeTraces(body, encoding, contentEncoding, signal);

/** One protobuf field whose value is bytes. */
function field(number: number, bytes: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest > 127 ? (rest % 128) | 0x80 : rest);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
}

const ids = Buffer.concat([field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2))]);
const request = (span: Uint8Array) => field(1, field(2, field(2, span)));

describe("OTLP", () => {
  it("reads every kind of value, exactly", async () => {
    const [span, ...more] = await decode(sample);
    expect(more).toEqual([]);
    expect(span).toMatchObject({
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId: "eee19b7ec3c1b174",
      parentSpanId: "eee19b7ec3c1b173",
      name: "naïve",
      kind: 3,
      startTimeUnixNano: 1795244381542735504n,
      endTimeUnixNano: 1795244381635116058n,
      events: [{ name: "e", timeUnixNano: 5n, attributes: { k: false } }],
      links: [{ traceId: "01".repeat(16), spanId: "02".repeat(8) }],
      status: { code: 2, message: "bad" },
      resource: { "service.name": "svc" },
    });
    expect(JSON.stringify(span?.attributes)).toBe(
      '{"int":1152921504606846976,"neg":-5,"whole":1.0,"double":0.25,"bool":true,"bytes":"AQI=","nan":"NaN",' +
        '"list":["x",7,null],"map":{"__proto__":"y"},"none":null}',
    );
  });

  it("reads the same from JSON", async () => {
    const [fromJson] = await decode(Buffer.from(sampleJson), "json");
    const [fromProtobuf] = await decode(sample);
    const written = (span: unknown) =>
      JSON.stringify(span, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
    expect(written(fromJson)).toBe(written(fromProtobuf));
  });

  it.each([
    ["gzip", gzipSync(sample)],
    ["deflate", deflateSync(sample)],
    ["deflate", deflateRawSync(sample)],
    ["identity", sample],
  ])("undoes %s", async (encoding, bytes) => {
    expect(await decode(bytes, "protobuf", encoding)).toHaveLength(1);
  });

  it("stops at its limit, however small the body was", async () => {
    const bomb = gzipSync(Buffer.alloc(70 * 2 ** 20));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(decode(bomb, "protobuf", "gzip")).rejects.toMatchObject({ code: "too_large" });
    await expect(decode(gzipSync(Buffer.alloc(9 * 2 ** 20, " ")), "json", "gzip")).rejects.toMatchObject({
      code: "too_large",
    });
  });

  it("says what is wrong with an encoding", async () => {
    await expect(decode(sample, "protobuf", "br")).rejects.toThrow("Unsupported Content-Encoding: br");
    await expect(decode(sample, "protobuf", "gzip")).rejects.toThrow("Failed to decompress gzip payload");
    expect(
      ["application/json; charset=utf-8", "application/x-protobuf", "text/plain"].map(encodingOf),
    ).toEqual(["json", "protobuf", undefined]);
  });

  it("refuses a span without ids, ids of a wrong length, and nesting without end", async () => {
    const wrong = { code: "invalid_request" };
    await expect(decode(request(Buffer.alloc(0)))).rejects.toMatchObject(wrong);
    await expect(decode(request(field(1, Buffer.alloc(5))))).rejects.toThrow("5 bytes, not 16");
    let value: Buffer = field(1, Buffer.from("x"));
    for (let depth = 0; depth < 5000; depth++) value = field(5, field(1, value));
    const attribute = field(9, Buffer.concat([field(1, Buffer.from("k")), field(2, value)]));
    await expect(decode(request(Buffer.concat([ids, attribute])))).rejects.toThrow("nested deeper");
    const deep = `${'{"resourceSpans":['.repeat(1)}${"[".repeat(100_000)}`;
    await expect(decode(Buffer.from(deep), "json")).rejects.toMatchObject(wrong);
  });

  it("keeps no text that PostgreSQL cannot hold", async () => {
    const [span] = await decode(request(Buffer.concat([ids, field(5, Buffer.from("a\0b\xff", "latin1"))])));
    expect(span?.name).toBe("a\u{FFFD}b\u{FFFD}");
  });

  it("passes over what it does not know, groups too", async () => {
    const unknown = Buffer.from([0xa3, 0x06, 0x08, 0x05, 0xab, 0x06, 0xac, 0x06, 0xa4, 0x06]);
    expect(await decode(Buffer.concat([unknown, sample]))).toHaveLength(1);
    await expect(decode(Buffer.from([0xa3, 0x06]))).rejects.toThrow("a group does not end");
    await expect(decode(Buffer.from([0xa4, 0x06]))).rejects.toThrow("did not begin");
  });

  it("answers any bytes with spans or with the sender's mistake", () => {
    const onlyMistakes = (bytes: Uint8Array) => {
      try {
        expect([...decodeProtobuf(bytes)].length).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(HearthError);
        expect(error).toMatchObject({ code: "invalid_request" });
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), onlyMistakes), { numRuns: 2000 });
    // Bytes that begin well go deeper.
    fc.assert(
      fc.property(
        fc.nat(sample.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.nat(sample.length),
        (at, bytes, length) => {
          const changed = Buffer.from(sample);
          changed.set(bytes.subarray(0, changed.length - at), at);
          onlyMistakes(changed.subarray(0, length));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("answers any JSON with spans or with the sender's mistake", async () => {
    const change = fc.record({ at: fc.nat(sampleJson.length - 1), text: fc.string({ maxLength: 5 }) });
    const bodies = fc.oneof(
      fc.json(),
      fc
        .jsonValue()
        .map((value) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [value] }] }] })),
      change.map(({ at, text }) => sampleJson.slice(0, at) + text + sampleJson.slice(at + text.length)),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        await decode(Buffer.from(body), "json").catch((error: unknown) => {
          expect(error).toMatchObject({ code: "invalid_request" });
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("answers in the encoding of the request", async () => {
    expect(await exportResponse("json", null).json()).toEqual({});
    expect((await exportResponse("protobuf", null).arrayBuffer()).byteLength).toBe(0);
    const partial = { rejectedSpans: 300, errorMessage: "no" };
    expect(await exportResponse("json", partial).json()).toEqual({
      partialSuccess: { rejectedSpans: "300", errorMessage: "no" },
    });
    const bytes = Buffer.from(await exportResponse("protobuf", partial).arrayBuffer());
    expect(bytes.toString("hex")).toBe("0a0708ac0212026e6f");
    const refused = statusResponse("protobuf", 400, { code: 3, message: "no" });
    expect(refused.status).toBe(400);
    expect(Buffer.from(await refused.arrayBuffer()).toString("hex")).toBe("080312026e6f");
  });
});

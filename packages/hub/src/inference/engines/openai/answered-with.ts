import { z } from "zod";
import type { ErrorCode } from "../../../errors.ts";
import { retryAfter } from "../../../retry-after.ts";
import { nameOf, quote, ServerFailure, type Blame } from "./failures.ts";
import type { ServerAddress } from "./server.ts";

/** The shapes in which servers say what is wrong: OpenAI's, mlx_lm's, vLLM's, FastAPI's. */
const errorBody = z.object({
  error: z
    .union([
      z.string(),
      z.object({
        message: z.string().optional(),
        code: z.union([z.string(), z.number()]).nullish(),
        param: z.string().max(100).nullish(),
      }),
    ])
    .optional(),
  message: z.string().optional(),
  detail: z.string().optional(),
  code: z.union([z.string(), z.number()]).nullish(),
  param: z.string().max(100).nullish(),
});

export interface ServersWords {
  message: string;
  code: string | null;
  param: string | null;
}

/** What an error body says; null when it is in none of the known shapes. */
export function wordsOf(body: unknown): ServersWords | null {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return null;
  const { error, message, detail, code, param } = parsed.data;
  const inner = typeof error === "object" ? error : { message: error, code, param };
  const words = inner.message ?? message ?? detail;
  if (words === undefined && error === undefined) return null;
  const named = inner.code ?? code;
  return {
    message: words ?? "",
    code: named === null || named === undefined ? null : String(named),
    param: inner.param ?? param ?? null,
  };
}

/** An answer that is no success, as an error that says who answered what, and what to do. */
export function answeredWith(
  server: ServerAddress,
  url: string,
  response: Pick<Response, "status" | "headers">,
  text: string,
  model = "",
): ServerFailure {
  const { status, headers } = response;
  const words = wordsOf(parsed(text));
  const said =
    words === null
      ? /^\s*</.test(text)
        ? "an HTML page"
        : quote(text, server)
      : quote(words.message, server);
  const details = { url, status };
  const fail = (
    code: ErrorCode,
    blame: Blame,
    advice: string,
    more: Record<string, unknown> = {},
  ): ServerFailure =>
    new ServerFailure(
      code,
      blame,
      `${nameOf(server)} answered ${status}${said === "" ? "" : `: ${said}`}${/[.!?…]$/.test(said) ? "" : "."} ${advice}`.trimEnd(),
      { details: { ...details, ...more } },
    );
  if (status >= 300 && status < 400) {
    const target = quote(headers.get("location") ?? "somewhere else", server);
    return fail(
      "configuration_invalid",
      "sick",
      `It redirects to ${target}; set that address if it is right.`,
    );
  }
  if (status === 401 || status === 403) return fail("configuration_invalid", "sick", keyAdvice(server));
  if (status === 404 || status === 405) {
    return words === null
      ? fail("configuration_invalid", "sick", `Nothing is at ${url}; is the address right, with its /v1?`)
      : fail("not_found", "elsewhere", "See the names that it has in /v1/models.", { model });
  }
  if (status === 408) return fail("timeout", "sick", "Try again.");
  if (status === 413) return fail("too_large", "request", "Send less.");
  if (status === 429) {
    const seconds = retryAfter(headers.get("retry-after")) ?? 1;
    return fail("unavailable", "busy", `Try again in ${seconds} s.`, { retry_after_seconds: seconds });
  }
  if (status >= 400 && status < 500) {
    return fail("invalid_request", "request", "", {
      ...(words?.param === null || words === null ? {} : { field: words.param }),
      ...(words?.code === null || words === null ? {} : { server_code: quote(words.code, server) }),
    });
  }
  if (status === 502 || status === 503 || status === 504 || status === 529) {
    const seconds = retryAfter(headers.get("retry-after")) ?? 1;
    return fail("unavailable", "sick", `Try again in ${seconds} s.`, { retry_after_seconds: seconds });
  }
  return fail("generation_failed", "sick", "Look into that server's log.");
}

/** Nothing answered at all. */
export function unreachable(server: ServerAddress, url: string, error: unknown): ServerFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return new ServerFailure(
    "unavailable",
    "sick",
    `${nameOf(server)} cannot be reached: ${reasons[code] ?? plain(cause, code, server)}`,
    { cause: error, details: { url, reason: code, retry_after_seconds: 5 } },
  );
}

const tls =
  "its TLS certificate is not trusted here. Use the name that the certificate is for, or give Node the authority with NODE_EXTRA_CA_CERTS.";

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there. Is it started, and on this port?",
  ENOTFOUND: "its name is not known. Check the address, and the network.",
  EAI_AGAIN: "its name could not be looked up now. Check the network.",
  ECONNRESET: "it closed the connection. Try again; if it happens always, look into its log.",
  EHOSTUNREACH: "there is no way to its machine. Check the network or the VPN.",
  ENETUNREACH: "there is no way to its network. Check the network or the VPN.",
  ETIMEDOUT: "its machine does not answer. Check the address, the network and its firewall.",
  UND_ERR_CONNECT_TIMEOUT: "its machine does not answer. Check the address, the network and its firewall.",
  UND_ERR_SOCKET: "it closed the connection without an answer. Try again, or look into its log.",
  DEPTH_ZERO_SELF_SIGNED_CERT: tls,
  SELF_SIGNED_CERT_IN_CHAIN: tls,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tls,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tls,
  ERR_TLS_CERT_ALTNAME_INVALID: tls,
  CERT_HAS_EXPIRED: "its TLS certificate has expired.",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS; does its address begin with http: and not https:?",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS; does its address begin with http: and not https:?",
  HPE_INVALID_CONSTANT: "it does not speak HTTP; does its address begin with https: and not http:?",
};

function plain(cause: unknown, code: string, server: ServerAddress): string {
  if (cause instanceof Error && cause.message === "bad port")
    return "its port is one that HTTP clients do not connect to (WHATWG Fetch, section 2.9). Give it another one.";
  const words = quote(cause instanceof Error ? cause.message : String(cause), server);
  return `${words}${code === "" ? "" : ` (${code})`}.`;
}

function keyAdvice({ apiKey, apiKeyVariable }: ServerAddress): string {
  if (apiKey !== null) return `Check the key in ${apiKeyVariable ?? "its variable"}, and restart the hub.`;
  return apiKeyVariable === null
    ? "It wants a key: name a variable that holds one in the provider's apiKeyVariable, and restart the hub."
    : `It wants a key, and ${apiKeyVariable} is not set. Set it, and restart the hub.`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { lookup as lookupName, type LookupAddress, type LookupOptions } from "node:dns";
import { BlockList, isIP } from "node:net";
import { HearthError } from "../../errors.ts";

const maxUrlLength = 2000;

/** Addresses that are nobody's server: where clouds keep credentials, groups, the address of no host. */
const never = new BlockList();
never.addSubnet("0.0.0.0", 8, "ipv4");
never.addSubnet("169.254.0.0", 16, "ipv4");
never.addSubnet("192.0.0.0", 24, "ipv4");
never.addSubnet("224.0.0.0", 3, "ipv4");
never.addAddress("100.100.100.200", "ipv4");
never.addAddress("::", "ipv6");
never.addSubnet("fe80::", 10, "ipv6");
never.addSubnet("ff00::", 8, "ipv6");
never.addSubnet("fd00:ec2::", 32, "ipv6");
// IPv4 in other clothes: 6to4, NAT64, Teredo.
never.addSubnet("2002::", 16, "ipv6");
never.addSubnet("64:ff9b::", 96, "ipv6");
never.addSubnet("2001::", 32, "ipv6");

/** This machine and the networks of a home, an office or a tailnet. */
const near = new BlockList();
near.addSubnet("127.0.0.0", 8, "ipv4");
near.addSubnet("10.0.0.0", 8, "ipv4");
near.addSubnet("172.16.0.0", 12, "ipv4");
near.addSubnet("192.168.0.0", 16, "ipv4");
near.addSubnet("100.64.0.0", 10, "ipv4");
near.addAddress("::1", "ipv6");
near.addSubnet("fc00::", 7, "ipv6");

/**
 * Checks the address of a webhook. The hub lives on a person's own machine, so programs on it and on its
 * networks are fair targets, plainly too; anything further away must be https, so that what is told is not
 * told to the way as well. Throws `invalid_request`.
 */
export function checkTarget(url: string): URL {
  if (url.trim() === "") throw refused(`Webhook URL cannot be empty or just whitespace: '${url}'`);
  if (url.length > maxUrlLength) throw refused(`The webhook URL is longer than ${maxUrlLength} characters.`);
  const parsed = URL.parse(url);
  if (parsed === null) throw refused(`Invalid webhook URL '${url.slice(0, 300)}': it is no URL.`);
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") {
    throw refused(
      `Invalid webhook URL scheme: '${parsed.protocol.slice(0, -1)}'. Allowed schemes are: https, and http for this machine and its own networks.`,
    );
  }
  if (parsed.hostname === "") throw refused(`Webhook URL must include a hostname: '${url.slice(0, 300)}'`);
  if (parsed.username !== "" || parsed.password !== "")
    throw refused(
      "The webhook URL carries a user or a password; give a secret instead, which signs what is sent.",
    );
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) checkAddress(host, parsed.protocol);
  return parsed;
}

/** Throws `invalid_request` unless a webhook may be sent to this IP address. */
export function checkAddress(address: string, protocol: string): void {
  const mapped = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.["v4"] ?? address;
  const family = isIP(mapped) === 4 ? "ipv4" : "ipv6";
  if (never.check(mapped, family))
    throw refused(`Webhook URL must not resolve to ${address}, which is an address of no server.`);
  if (protocol === "http:" && !near.check(mapped, family)) {
    throw refused(
      `Webhook URL resolves to ${address}, which is beyond this machine and its own networks: use https.`,
    );
  }
}

type LookupDone = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** A lookup for `http.request` that checks every address it gives, so that a name cannot mean another one later. */
export function checkedLookup(protocol: string) {
  return (hostname: string, options: LookupOptions, done: LookupDone): void => {
    lookupName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        done(error, []);
        return;
      }
      try {
        for (const { address } of addresses) checkAddress(address, protocol);
      } catch (refusal) {
        done(refusal instanceof Error ? refusal : new Error(String(refusal)), []);
        return;
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function refused(message: string): HearthError {
  return new HearthError("invalid_request", message, { details: { field: "url" } });
}

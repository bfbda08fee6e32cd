/**
 * What a webhook is sent and where it may be. Receivers take bodies of very different sizes (100 KB is a common default),
 * so there is a shorter form for those that answer 413. The address is the owner's choice, but never one of the
 * Lambda's own machine or of instance metadata: what answers there holds credentials, and nobody means to post to it.
 */
import { BlockList, isIP } from "node:net";
import { documentWithin, type Format } from "../formats/formats.ts";
import type { Notice } from "./destination.ts";

/** As much as SNS takes: every alert that fits there fits here. */
const MAX_BYTES = 262_144;
/** For receivers that answered 413 to the whole. */
const SHORT_BYTES = 65_536;

/** The document of a notice as JSON, whole as far as possible, and short. */
export function webhookBodies(notice: Notice, format: Format): readonly [string, string] {
  return [documentWithin(notice, format, MAX_BYTES), documentWithin(notice, format, SHORT_BYTES)];
}

const OWN_MACHINE = new BlockList();
OWN_MACHINE.addSubnet("127.0.0.0", 8);
OWN_MACHINE.addSubnet("0.0.0.0", 8);
OWN_MACHINE.addSubnet("169.254.0.0", 16);
OWN_MACHINE.addAddress("::", "ipv6");
OWN_MACHINE.addAddress("::1", "ipv6");
OWN_MACHINE.addSubnet("fe80::", 10, "ipv6");
OWN_MACHINE.addAddress("fd00:ec2::254", "ipv6");

/** Why an address cannot be posted to, without a part of it; undefined when it can. */
export function problemOfAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return "what is in the secret is no address";
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== "https:")
    return "the address in the secret is not https: alerts must not cross a network in clear";
  if (username !== "" || password !== "")
    return "the address in the secret holds a user name or password, which cannot be sent that way";
  return isOwnMachine(hostname)
    ? "the address in the secret is one of the Lambda's own machine or of instance metadata"
    : undefined;
}

function isOwnMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const version = isIP(host);
  return version !== 0 && OWN_MACHINE.check(host, version === 6 ? "ipv6" : "ipv4");
}

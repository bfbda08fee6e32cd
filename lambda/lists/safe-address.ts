/**
 * Whether a list may be fetched from an address. An HTTPS address in a rules folder must not become a way to what only
 * the function can reach: the addresses that a name stands for are looked at when the connection is made, so that a
 * name which answers otherwise the second time gains nothing.
 *
 *     problemOfAddress("169.254.169.254", [])           // "169.254.169.254 is linkLocal …"
 *     problemOfAddress("10.1.2.3", ["10.1.0.0/16"])     // undefined: named
 */
import ipaddr from "ipaddr.js";
import { parseCidr } from "../engine/cidr.ts";

/** Where instances, containers and functions are given credentials: never, whoever names it. */
const METADATA = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"].map((range) => parseCidr(range));

/** Why nothing may be fetched from there; undefined when it may. @param allowed ranges that are private and named */
export function problemOfAddress(address: string, allowed: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address)) return "it is no address";
  // ::ffff:10.0.0.1 is 10.0.0.1.
  const parsed = ipaddr.process(address);
  const plain = parsed.toString();
  const range = parsed.range();
  if (METADATA.some((one) => one?.contains(plain) === true)) return `${plain} is where credentials are given`;
  if (range === "unicast") return undefined;
  if (allowed.some((one) => parseCidr(one)?.contains(plain) === true)) return undefined;
  return `${plain} is ${range} and not public; name its range in allowPrivate if that is meant`;
}

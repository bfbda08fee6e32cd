/**
 * Addresses and ranges for `inCidr`.
 *
 * Only the spelling that CloudTrail and EventBridge share is an address: four decimal numbers without leading zeros,
 * or plain IPv6. Anything else (host names, `AWS Internal`, `010.0.0.1`, IPv4 inside IPv6) is in no range, because an
 * event pattern's `cidr` would not read it the same way, and a selector must never be tighter than its rule.
 */
import ipaddr from "ipaddr.js";

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^[0-9a-fA-F:]{2,39}$/;

/** A parsed range. */
export type Cidr = { readonly version: 4 | 6; readonly contains: (address: string) => boolean };

/** Parses a range such as 192.0.2.0/24 or 2001:db8::/32; undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", prefix = "", more] = text.split("/");
  if (more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const length = Number(prefix);
  if (IPV4.test(address) && length <= 32) {
    const network = ipv4Number(address);
    const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
    const base = (network & mask) >>> 0;
    return {
      version: 4,
      contains: (candidate) => IPV4.test(candidate) && (ipv4Number(candidate) & mask) >>> 0 === base,
    };
  }
  if (IPV6.test(address) && length <= 128 && ipaddr.IPv6.isValid(address)) {
    const network = ipaddr.IPv6.parse(address);
    return {
      version: 6,
      contains: (candidate) =>
        IPV6.test(candidate) &&
        ipaddr.IPv6.isValid(candidate) &&
        ipaddr.IPv6.parse(candidate).match(network, length),
    };
  }
  return undefined;
}

function ipv4Number(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/**
 * Addresses and ranges for `inCidr`.
 *
 * Only the spelling that CloudTrail and EventBridge share is an address: four decimal numbers without leading zeros,
 * or plain IPv6. Anything else (host names, `AWS Internal`, `010.0.0.1`, IPv4 inside IPv6) is in no range, because an
 * event pattern's `cidr` would not read it the same way, and a selector must never be tighter than its rule.
 */
import ipaddr from "ipaddr.js";

const IPV6 = /^[0-9a-fA-F:]{2,39}$/;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/** A parsed range. */
export type Cidr = { readonly version: 4 | 6; readonly contains: (address: string) => boolean };

/** Parses a range such as 192.0.2.0/24 or 2001:db8::/32; undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", prefix = "", more] = text.split("/");
  if (more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const length = Number(prefix);
  const ipv4 = ipv4Number(address);
  if (ipv4 !== undefined && length <= 32) {
    const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
    const base = (ipv4 & mask) >>> 0;
    return {
      version: 4,
      contains: (candidate) => {
        const number = ipv4Number(candidate);
        return number !== undefined && (number & mask) >>> 0 === base;
      },
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

/** The 32 bits of an IPv4 address; undefined when the text is none. Digit by digit, because every record is asked. */
function ipv4Number(text: string): number | undefined {
  let sum = 0;
  let octet = -1;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet < 0) return undefined;
      sum = sum * 256 + octet;
      octet = -1;
      dots++;
    } else {
      // A zero in front of another digit could mean an octal number.
      if (code < ZERO || code > NINE || octet === 0) return undefined;
      octet = (octet < 0 ? 0 : octet * 10) + code - ZERO;
      if (octet > 255) return undefined;
    }
    if (dots > 3) return undefined;
  }
  return dots === 3 && octet >= 0 ? sum * 256 + octet : undefined;
}

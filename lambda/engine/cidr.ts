/**
 * Addresses and ranges for `inCidr` and for lists of kind cidr.
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

/** A range as numbers: how many bits all its addresses begin with, and those bits. */
type Range =
  | { readonly version: 4; readonly length: number; readonly bits: number }
  | { readonly version: 6; readonly length: number; readonly bits: bigint };

/** Parses a range such as 192.0.2.0/24 or 2001:db8::/32; undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const range = parseRange(text);
  if (range === undefined) return undefined;
  const { version, length, bits } = range;
  const contains =
    version === 4
      ? (candidate: string) => {
          const number = ipv4Number(candidate);
          return number !== undefined && firstOf4(number, length) === bits;
        }
      : (candidate: string) => {
          const number = ipv6Number(candidate);
          return number !== undefined && firstOf6(number, length) === bits;
        };
  return { version, contains };
}

/**
 * Compiles ranges to a test whether an address is in one of them; texts that are no range hold nothing.
 *
 * A list may hold ten thousand ranges, and every record asks it: an address is cut to each length that the ranges have,
 * 33 of IPv4 at most, and looked up among the ranges of that length.
 */
export function compileCidrs(ranges: readonly string[]): (address: string) => boolean {
  const byLength4 = new Map<number, Set<number>>();
  const byLength6 = new Map<number, Set<bigint>>();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range?.version === 4) addTo(byLength4, range.length, range.bits);
    if (range?.version === 6) addTo(byLength6, range.length, range.bits);
  }
  const [ipv4, ipv6] = [[...byLength4], [...byLength6]];
  return (address) => {
    const number = ipv4Number(address);
    if (number !== undefined) return ipv4.some(([length, known]) => known.has(firstOf4(number, length)));
    const big = ipv6.length === 0 ? undefined : ipv6Number(address);
    return big !== undefined && ipv6.some(([length, known]) => known.has(firstOf6(big, length)));
  };
}

function addTo<T>(byLength: Map<number, Set<T>>, length: number, bits: T): void {
  const known = byLength.get(length);
  if (known === undefined) byLength.set(length, new Set([bits]));
  else known.add(bits);
}

/** The range as it is usually written, all bits behind its first ones zero: 192.0.2.0/24 of 192.0.2.7/24. */
export function canonicalCidr(text: string): string | undefined {
  const range = parseRange(text);
  if (range === undefined) return undefined;
  const { version, length, bits } = range;
  if (version === 4) {
    const base = bits * 2 ** (32 - length);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${length}`;
  }
  const base = bits << BigInt(128 - length);
  const parts = Array.from({ length: 8 }, (_, at) => Number((base >> BigInt(112 - 16 * at)) & 0xffffn));
  return `${new ipaddr.IPv6(parts).toString()}/${length}`;
}

function parseRange(text: string): Range | undefined {
  const [address = "", prefix = "", more] = text.split("/");
  if (more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const length = Number(prefix);
  const ipv4 = ipv4Number(address);
  if (ipv4 !== undefined)
    return length <= 32 ? { version: 4, length, bits: firstOf4(ipv4, length) } : undefined;
  const ipv6 = length <= 128 ? ipv6Number(address) : undefined;
  return ipv6 === undefined ? undefined : { version: 6, length, bits: firstOf6(ipv6, length) };
}

/** The first bits of an IPv4 address. JavaScript shifts by 32 not at all. */
function firstOf4(ipv4: number, length: number): number {
  return length === 0 ? 0 : ipv4 >>> (32 - length);
}

/** The first bits of an IPv6 address. */
function firstOf6(ipv6: bigint, length: number): bigint {
  return ipv6 >> BigInt(128 - length);
}

/** The 128 bits of an IPv6 address; undefined when the text is none. */
function ipv6Number(text: string): bigint | undefined {
  if (!IPV6.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
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

/**
 * Addresses as EventBridge reads them, which is as Java's InetAddress does behind two guarding expressions
 * (aws/event-ruler `CIDR.java`): decimal with leading zeros allowed in IPv4, and an IPv6 address that maps an IPv4 one
 * *is* that IPv4 address. Ranges ignore host bits, and a single address is no range.
 *
 *   parseAddress("2001:db8::1")               // eight 16-bit words
 *   parseRange("192.0.2.77/24").contains(…)   // the same as 192.0.2.0/24
 */

/** 16-bit words, most significant first: two for IPv4, eight for IPv6. */
export type Address = readonly number[];

/** A range of addresses of one version. */
export type AddressRange = { readonly contains: (address: Address) => boolean };

const IPV4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/;
const IPV6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/;
/** Java reads no longer text as an IPv4 address. */
const MAX_IPV4_LENGTH = 15;
/** Far above any spelling of an IPv6 address; only keeps a hostile field cheap. */
const MAX_IPV6_LENGTH = 200;

/** Parses an IPv4 or IPv6 address; undefined when the text is none. */
export function parseAddress(text: string): Address | undefined {
  if (text.length <= MAX_IPV4_LENGTH) {
    const octets = IPV4.exec(text)?.slice(1).map(Number);
    if (octets !== undefined) return octets.every((octet) => octet <= 255) ? pairs(octets) : undefined;
  }
  return text.length <= MAX_IPV6_LENGTH && IPV6.test(text) ? parseIpv6(text) : undefined;
}

function pairs(octets: readonly number[]): Address {
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Address | undefined {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = 8 - before.length - after.length;
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined;
  const words = [...before, ...Array.from({ length: zeros }, () => 0), ...after];
  if (!words.every((word) => word <= 0xffff)) return undefined;
  const mapsIpv4 = words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);
  return mapsIpv4 ? words.slice(6) : words;
}

/** An empty group between single colons becomes NaN, which no comparison accepts. */
function groups(text: string): number[] {
  return text === ""
    ? []
    : text.split(":").map((group) => (group === "" ? Number.NaN : Number.parseInt(group, 16)));
}

/** True for two spellings of one address. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}

/** Parses a range in CIDR notation; gives the reason as text when it is none. */
export function parseRange(text: string): AddressRange | string {
  const parts = text.split("/");
  if (parts.length !== 2) return "a range is an address, one slash and a prefix length";
  const [addressText = "", lengthText = ""] = parts;
  const base = parseAddress(addressText);
  if (base === undefined) return `${JSON.stringify(addressText)} is no IPv4 or IPv6 address`;
  const bits = base.length * 16;
  if (!/^\d{1,9}$/.test(lengthText) || Number(lengthText) >= bits) {
    return `the prefix length of an IPv${bits === 32 ? 4 : 6} range is 0 to ${bits - 1}`;
  }
  const masks = base.map((_, index) => mask(Number(lengthText) - index * 16));
  const floor = base.map((word, index) => word & (masks[index] ?? 0));
  return {
    contains: (address) =>
      address.length === base.length &&
      address.every((word, index) => (word & (masks[index] ?? 0)) === floor[index]),
  };
}

/** The 16-bit mask of which the given number of leading bits count. */
function mask(leading: number): number {
  const bits = Math.max(0, Math.min(16, leading));
  return (0xffff << (16 - bits)) & 0xffff;
}

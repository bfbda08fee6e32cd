/**
 * Where a call came from, told apart: CloudTrail has a service's name in the place of an address, and whatever else may
 * stand there must not reach a field that is of the type "ip", or the reader refuses the whole document.
 *
 *     plainAddress("192.0.2.10")             // { ip: "192.0.2.10" }
 *     plainAddress("config.amazonaws.com")   // { domain: "config.amazonaws.com" }
 */
import { isIP } from "node:net";

const DOMAIN = /^(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/i;

/** The address, or the domain name; neither where it is neither. */
export function plainAddress(text = ""): { readonly ip?: string; readonly domain?: string } {
  // A zone ("fe80::1%eth0") means something on one machine only, and no index takes it.
  if (isIP(text) !== 0 && !text.includes("%")) return { ip: text };
  return DOMAIN.test(text) && !/^[\d.]+$/.test(text) ? { domain: text.toLowerCase() } : {};
}

/** Addresses of the Internet protocol, as people and programs write them. */
import { z } from 'zod'

const { ipv4, ipv6 } = z.regexes

/** `10.1.2.3`, `10.1.2.3/24`, `10.1.2.3:554`, `[2001:db8::1]:554`, `http://10.1.2.3/onvif` as the address alone; null when it is none. */
export function parseIp(text: string): string | null {
  const bare = text
    .trim()
    // Of an address of the web its host, without a login.
    .replace(/^[a-z][a-z\d+]{1,9}:\/\/(?:[^/@\s]*@)?([^/\s]+)(?:\/\S*)?$/i, '$1')
    .replace(/^\[([^\]]+)\](?::\d{1,5})?$/, '$1')
    .replace(/\/\d{1,3}$/, '')
  const address = /^[\d.]+:\d{1,5}$/.test(bare) ? bare.slice(0, bare.indexOf(':')) : bare
  if (ipv4.test(address)) return address
  // A zone (`fe80::1%eth0`) names an interface of the machine that wrote the list, and is refused.
  return ipv6.test(address) ? address.toLowerCase() : null
}

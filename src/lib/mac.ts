/**
 * MAC addresses: any common notation in, twelve hex digits out, and whose block of the registry they are in.
 */

const HEX = /^[0-9a-f]+$/i
const USUAL = /^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$/
const NOBODYS = /^(?:0+|F+)$/
const SEPARATORS = /[\s:.\-_]+/

/**
 * The address as 12 upper-case hex digits; null when the text is not one address.
 * Takes `44:19:B6:01:02:03`, `44-19-b6-01-02-03`, `4419.b601.0203`, `4419b6-010203`, `4419B6010203`, and
 * octets without their leading zero (`0:1b:2:3:4:5`). The zero and the broadcast address are nobody's: null.
 */
export function parseMac(text: string): string | null {
  // As the register writes them, and nine of ten files: no need to look closer.
  if (USUAL.test(text)) return realAddress(text.replaceAll(':', ''))
  const groups = text
    .trim()
    .replace(/^0x/i, '')
    .split(SEPARATORS)
    .filter((group) => group !== '')
  if (groups.length === 0 || !groups.every((group) => HEX.test(group))) return null
  const digits =
    groups.length === 6 && groups.every((group) => group.length <= 2)
      ? groups.map((group) => group.padStart(2, '0')).join('')
      : groups.join('')
  return digits.length === 12 ? realAddress(digits.toUpperCase()) : null
}

function realAddress(digits: string): string | null {
  return NOBODYS.test(digits) ? null : digits
}

/**
 * Whether the IEEE gave the address out: not multicast and not set by hand or by privacy software. Only such an
 * address says anything about its maker. `mac` is 12 hex digits.
 */
export function isRegistered(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 0b11) === 0
}

/** Lengths of the blocks that the IEEE hands out, in hex digits, narrowest first: MA-S, MA-M, MA-L. */
const BLOCK_LENGTHS = [9, 7, 6] as const

/** The narrowest block that holds the address and that `find` knows; null when none does. */
export function narrowestBlock<T>(
  mac: string,
  find: (prefix: string) => T | null | undefined,
): { readonly prefix: string; readonly value: T } | null {
  for (const length of BLOCK_LENGTHS) {
    const prefix = mac.slice(0, length)
    const value = find(prefix)
    if (value !== null && value !== undefined) return { prefix, value }
  }
  return null
}

/** Twelve hex digits as the register writes them: `44:19:B6:01:02:03`. */
export function formatMac(digits: string): string {
  return digits.match(/../g)!.join(':')
}

/** Whether a product that a feed names without a model can be the device at hand: a dome camera is no plant software. */
import type { DeviceClass } from '../catalogue/facts.ts'

const set = (words: string) => new Set(words.split(/\s+/))

/** Devices that a city watches with. */
const WATCHING = set(
  `access bullet cam cams camera cameras dome door doorbell dvr dvrs encoder encoders hcvr intercom intercoms ipc ipcam
  lpr nvr nvrs ptz recorder recorders security surveillance video vms xvr xvrs`,
)

/** Other things that such makers sell. */
const ELSEWHERE = set(
  `browser firewall firewalls gateway laptop mobile modem nas phone phones plc plcs printer printers router routers
  smartphone smartphones switch switches tablet television thermostat tv workstation`,
)

/** What runs on devices of any kind, and words for several of them. */
const ANY = set(
  `certain cloud device devices firmware multiple n/a na os p2p platform product products range sdk series several some
  various web`,
)

const SMALL = set(`a all an and by for in of on or the using with`)

/** Classes that may well be what a feed means by the name of a program, or are not known. */
function isOpen(deviceClass: DeviceClass | null): boolean {
  return deviceClass === null || deviceClass === 'server' || deviceClass === 'other'
}

/**
 * Whether a product in words is something else than a device of the class: another kind, or a product with a name of
 * its own (`Experion PKS`), which a camera with a model number is not. Words that say nothing leave it open.
 */
export function isSomethingElse(product: string, maker: string, deviceClass: DeviceClass | null): boolean {
  if (isOpen(deviceClass)) return false
  const words = product
    .toLowerCase()
    .split(/[^\p{L}\p{N}/-]+/u)
    .filter((word) => word !== '')
  if (words.some((word) => WATCHING.has(word))) return false
  if (words.some((word) => ELSEWHERE.has(word))) return true
  if (words.some((word) => ANY.has(word))) return false
  const ofMaker = new Set([maker, ...maker.split('-')])
  return words.some((word) => /\p{L}{2}/u.test(word) && !SMALL.has(word) && !ofMaker.has(word))
}

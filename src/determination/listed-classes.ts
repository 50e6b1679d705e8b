/** Classes of products that some law lists whoever made them. */
import type { DeviceClass } from '../catalogue/facts.ts'

/** Classes of products that some law lists whoever made them. */
const LISTED_CLASSES: readonly string[] = ['router', 'uas', 'robot', 'power-inverter'] satisfies DeviceClass[]

/** Whether some law lists this class of products, so that an unknown class may not be taken for another. */
export function isListedSomewhere(deviceClass: string): boolean {
  return LISTED_CLASSES.includes(deviceClass)
}

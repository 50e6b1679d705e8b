/** What the replacement of cameras is made of, by codes of the catalog. */
import type { Mount } from '../../costs/model/comparable.ts'
import type { Part } from './cost-lines.ts'

export interface CameraOrder {
  readonly mount: Mount
  readonly cameraCode: string
  readonly cameras: number
  /** How the new camera gets into the video management system; null for what does not. */
  readonly vms: 'new-license' | 'move-license' | 'cloud' | null
  /** Poles only: with an enclosure; on a public way, which needs lane closures and permits. */
  readonly hasEnclosure: boolean
  readonly isInRightOfWay: boolean
  /** Rate that pays for installation: LAB-TECH for a contractor, LAB-TECH-INH for own staff. */
  readonly installRate: 'LAB-TECH' | 'LAB-TECH-INH'
}

const VMS_CODES = { 'new-license': 'VMS-LIC', 'move-license': 'VMS-REMAP', cloud: 'VMS-CLOUD' } as const

/**
 * What each camera pays for itself, without the truck days that poles of a site share. Building: camera, mount,
 * cable ends, hours. Pole: camera, enclosure, twice the crew hours, permits. Both: set-up, video management,
 * removal, sanitizing, recycling.
 */
export function cameraParts(order: CameraOrder): readonly Part[] {
  const n = order.cameras
  const ofBuilding: Part[] = [
    [['INF-MOUNT'], n],
    [['INF-RETERM'], n],
    [['HRS-BLDG', order.installRate], n],
  ]
  const ofPole: Part[] = [
    [['INF-ENCL'], order.hasEnclosure ? n : 0],
    [['HRS-POLE', order.installRate], 2 * n],
    [['ACC-PERMIT'], order.isInRightOfWay ? n : 0],
  ]
  return [
    [[order.cameraCode], n],
    ...(order.mount === 'pole' ? ofPole : ofBuilding),
    [['HRS-CFG', 'LAB-IT'], n],
    ...(order.vms === null ? [] : [[[VMS_CODES[order.vms]], n] as const]),
    [['DSP-REMOVE'], n],
    [['DSP-SAN'], n],
    [['DSP-RECYCLE'], n],
  ]
}

/** What is paid by the day on which a crew works on poles. */
export function poleDayParts(days: number, isInRightOfWay: boolean): readonly Part[] {
  return [
    [['ACC-BUCKET-D'], days],
    [['ACC-TTC'], isInRightOfWay ? days : 0],
  ]
}

/** What comparable new equipment costs a device: the row of the catalog, and where it hangs. Defaults only. */
export type Mount = 'building' | 'pole'

export interface OldDevice {
  readonly deviceClass: string | null
  readonly purpose: string | null
  readonly name: string | null
  readonly model: string | null
  readonly notes: string | null
}

/** Words in the name, model or notes of a camera -> the row of its form. The first that fits counts. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\bthermal[\s-]*ptz|ptz[\s-]*thermal\b/i, 'CAM-THERMAL-PTZ'],
  [/\bthermal|\bDS-2TD|\bFC-\d{3}-/i, 'CAM-THERMAL'],
  [/\b(lpr|alpr|anpr|licen[cs]e[\s-]?plate|plate reader)\b/i, 'CAM-LPR'],
  [/\b(ptz|pan[\s-]?tilt|DS-2DE|XNP-|Q6\d{3}|NDP-|spectra|SD\d{2}|IPC\d*-?PTZ)/i, 'CAM-PTZ'],
  [/\b(multi[\s-]?(sensor|imager)|AV\d{4,5}D|P37\d{2})/i, 'CAM-MULTI'],
  [/\b(fish[\s-]?eye|360|M3057|DS-2CD6)/i, 'CAM-FISHEYE'],
  [/\b(bullet|DS-2CD2T|HFW)/i, 'CAM-BULLET'],
  [/\bbox camera\b/i, 'CAM-BOX'],
]

/** null when the catalog has no row for such a device: then it needs a candidate with a price. */
export function comparableCode(device: OldDevice): string | null {
  const words = [device.name, device.model, device.notes].filter((word) => word !== null).join(' ')
  switch (device.deviceClass) {
    case 'camera':
    case null:
      return FORMS.find(([form]) => form.test(words))?.[1] ?? 'CAM-DOME-OUT'
    case 'lpr':
      return 'CAM-LPR'
    case 'recorder':
      return 'REC-NVR16'
    case 'server':
      return 'REC-SRV'
    case 'encoder':
      return 'REC-ENC'
    case 'intercom':
      return 'CAM-INTERCOM'
    default:
      return null
  }
}

/** Cameras that watch traffic and plates hang on poles, the others on buildings. */
export function mountOf(device: OldDevice): Mount {
  const isOnPole = device.deviceClass === 'lpr' || device.purpose === 'traffic'
  return isOnPole && ['camera', 'lpr', null].includes(device.deviceClass) ? 'pole' : 'building'
}

/** Names of the ready-made scenarios; what is supposed in each stands in `templates.ts`. */
export const TEMPLATE_IDS = [
  'largest-maker-wind-down',
  'largest-maker',
  'largest-maker-firmware-license',
  'ceiec-2020',
] as const
export type TemplateId = (typeof TEMPLATE_IDS)[number]

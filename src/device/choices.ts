/** What fields of a device choose from. */
export const DEVICE_CLASSES = [
  'camera',
  'recorder',
  'encoder',
  'lpr',
  'access-control',
  'intercom',
  'router',
  'uas',
  'server',
  'robot',
  'power-inverter',
  'other',
] as const
export const STATUSES = ['planned', 'active', 'stored', 'decommissioned'] as const
export const PURPOSES = [
  'public-safety',
  'government-facility',
  'critical-infrastructure',
  'traffic',
  'other',
] as const
export const FUNDING_SOURCES = ['local', 'state-grant', 'federal-grant', 'federal-contract'] as const
export const UPDATE_CHANNELS = [
  'vendor-portal-us',
  'vendor-portal-global',
  'vendor-portal-cn',
  'distributor',
  'oem-brand-portal',
  'vendor-cloud-push',
  'vms-push',
  'offline-media',
  'none',
] as const
export const EXPOSURES = ['isolated', 'routed', 'internet'] as const

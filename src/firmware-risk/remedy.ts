/** What can be done about a vulnerability, as its sources say. */

export type Fix = 'vendor-fix' | 'workaround' | 'mitigation' | 'no-fix-planned' | 'none-available' | 'unknown'

export type RequiredAction = 'patch' | 'mitigate-or-discontinue' | 'discontinue'

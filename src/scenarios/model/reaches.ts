/**
 * How far the listing reaches: the names given and their trade names; what they own, as far as the law of the list goes;
 * or every company of the group, as if each were named.
 */
export const REACHES = ['named', 'owned', 'group'] as const
export type Reach = (typeof REACHES)[number]

/** The feeds that are read. */
export const FEED_FORMATS = ['kev', 'cve', 'csaf', 'nvd', 'epss'] as const
export type FeedFormat = (typeof FEED_FORMATS)[number]

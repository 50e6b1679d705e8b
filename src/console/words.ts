/** Words of the console that are no codes of the API: one place, so that they can be read and translated together. */
import type { Plan } from '../planning/plans/schemas.ts'
import type { Role } from '../tenancy/principal.ts'

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  admin: 'Operator',
  'city-admin': 'City: reads, changes and makes keys',
  'city-editor': 'City: reads and changes',
  'city-budget': 'City: budget',
  'city-viewer': 'City: reads',
  'federal-reviewer': 'Reviewer across cities',
}

export const PLAN_STATUS_WORDS: Readonly<Record<Plan['status'], string>> = {
  draft: 'Draft',
  proposed: 'Proposed',
  approved: 'Approved',
  archived: 'Archived',
}

/** What happened, above the page that a form leads to. */
export const DONE = {
  'city-added': 'The city is on the register. Make a key for its staff next, on the page “Keys”.',
  'city-saved': 'Saved. Answers for its devices are worked out anew.',
  'key-revoked': 'The key is revoked. Whatever used it has ended.',
  'plan-made': 'The plan is made. Next: who pays, then the estimate.',
  'plan-changed': 'The plan is changed. Compute the estimate again.',
  'plan-approved': 'The approval is on record. Later versions are compared with what was approved.',
  'plan-copied': 'The copy is a draft of its own. Compute its estimate next.',
  'plan-devices-removed': 'Taken out of the plan. Compute the estimate again.',
  'plan-devices-priced': 'They have a price now. Compute the estimate again.',
  'plan-estimated': 'The estimate is computed and kept.',
  'plan-scheduled': 'The schedule is made and kept.',
  'candidate-added':
    'It may be bought; every camera of the plan is replaced by it. Compute the estimate again.',
  'candidate-refused': 'It may not be bought: a law stands against it. Choose another.',
  'fund-added': 'The fund is added.',
  'quote-entered': 'The quote is entered. Compute the estimate again to use it.',
  'device-added': 'The device is on the register. Its answers are below.',
  'device-saved': 'Saved. The answers below are those of what is on record now.',
  'update-recorded': 'The update is recorded, and the device has its version.',
  'treatment-recorded': 'It is recorded, and shown beside the device while it counts.',
  'treatment-changed': 'Saved.',
  'devices-changed': 'All of them are changed. The answers follow what is on record now.',
  'list-loaded': 'The list is in force. Answers of devices are worked out anew.',
  'list-same': 'The file says the same as the version in force, so nothing was changed.',
  'entry-decided': 'The decision is kept. No listing changed.',
  'entry-decided-listing':
    'The decision is kept, and listings follow it. Answers of devices are worked out anew.',
  'status-confirmed': 'It is confirmed. Answers about its days follow it; devices are worked out anew.',
  'document-kept': 'The document is kept.',
  stated: 'The statement is kept. What it does is below.',
  'statement-confirmed': 'It is confirmed. The answers on its devices follow it now.',
  'statement-withdrawn': 'It is taken back. The answers on its devices are as they were without it.',
  imported: 'The import is done. What it did is below.',
  undone: 'The import is undone. What that did is below.',
  'nothing-changed': 'Nothing was different from what is on record, so nothing was changed.',
  'signed-out': 'You are signed out.',
  'signed-out-everywhere': 'Every browser that had signed in with this key is signed out.',
} as const

/** What a status of the API means for whoever looks at a page, and what to do next. */
export const FAILURES: Readonly<Record<number, { readonly title: string; readonly advice: string }>> = {
  400: {
    title: 'This address asks for something that is not known here',
    advice: 'A filter in the address is wrong or misspelled. Go back, or start again without it.',
  },
  403: {
    title: 'Your key may not open this page',
    advice: 'Ask the people who run this service for a key that may.',
  },
  404: {
    title: 'There is no such page',
    advice: 'It may have been removed, or it belongs to a city that your key does not read.',
  },
  409: {
    title: 'This cannot be done as things stand',
    advice: 'Somebody may have changed it since you opened the page. Go back, reload, and try again.',
  },
  410: { title: 'This is gone', advice: 'It became part of another record.' },
  412: {
    title: 'Somebody changed this since you opened the page',
    advice: 'Nothing of yours was saved. Reload the page, look at what changed, and enter it again.',
  },
  413: { title: 'This is too large', advice: 'Send a smaller file, or less at a time.' },
  422: {
    title: 'This could not be used',
    advice: 'Read what is wrong below, correct it, and send it again.',
  },
  429: { title: 'Too many requests at once', advice: 'Wait a moment, then reload the page.' },
  500: {
    title: 'Something went wrong on our side',
    advice: 'Try again. If it happens again, give the number below to the people who run this service.',
  },
  503: {
    title: 'The service cannot answer right now',
    advice: 'Nothing is lost. Wait a moment, then reload the page.',
  },
}

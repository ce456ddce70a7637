/** What the canary is called unless it is told otherwise; the topic of alerts of a cell knows it as well. */
export const CANARY = 'canary';

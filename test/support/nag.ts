/** The configuration of the reference fleet with all that can be turned on. */
export const EVERYTHING = {
  cameras: ['front', 'down'],
  thingsAheadOfBoot: true,
  detection: { motion: { fleetHoursPerDay: 100 } },
  alertEmails: ['pilot@example.com'],
  alarmEmails: ['operator@example.com'],
};

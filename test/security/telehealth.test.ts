import { type App } from 'aws-cdk-lib';
import { telehealth } from '../../bin/telehealth';
import { describeFindings } from '../support/reference-app';

const issuer = { url: 'https://login.example.com', audience: ['consultations'] };

describe.each([
  ['people of a user pool', {}],
  ['people of an issuer', { issuer, application: 'https://clinic.example.com/' }],
])('%s', (_who, clinic) => {
  describeFindings((app: App) => telehealth(app), { clinic: { ...clinic, alarmEmails: ['operator@example.com'] } });
});

import { sportsCoaching } from '../../bin/sports-coaching';
import { describeFindings } from '../support/reference-app';

describeFindings(sportsCoaching, { stadium: { name: 'stadium-1', alarmEmails: ['operator@example.com'] } });

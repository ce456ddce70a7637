import { wildlife } from '../../bin/wildlife';
import { describeFindings } from '../support/reference-app';

describeFindings(wildlife, {
  reserve: {
    rangerPhones: ['+15555550100'],
    rangerEmails: ['ranger@example.com'],
    alarmEmails: ['operator@example.com'],
  },
});

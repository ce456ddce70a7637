import { ASSUMED } from '../assumptions';
import { amount, time } from '../format';
import type { Load } from '../load';
import { PriceId } from '../price-id';
import { bytes, gigabytes } from '../units';
import { sum, type Usage } from './usage';

/** Functions, queues, topics and tables: what happens to frames, messages and alerts. */
export function handlingUsage(load: Load): Usage[] {
  const { alertEmails } = load.workload;
  const { messagesPerBatch, sendsPerMessage, requestsPerBatch, memoryGb } = ASSUMED;
  const frames = `${amount(load.images)} frames`;
  const messages = `${amount(load.messages)} messages`;
  const light = load.invocations * ASSUMED.secondsPerInvocation;
  const perMessage = sendsPerMessage + requestsPerBatch / messagesPerBatch;
  return [
    {
      price: PriceId.LAMBDA_REQUESTS,
      name: 'Invocations',
      amount: load.invocations,
      formula: `(${frames} + ${messages}) ÷ ${messagesPerBatch} in a batch${load.workload.console ? ` + ${amount(load.apiCalls)} calls of the API` : ''}`,
    },
    sum(PriceId.LAMBDA_DURATION, 'Time of functions', [
      [
        'analysis',
        load.analysed * ASSUMED.secondsPerAnalysis * memoryGb,
        `${amount(load.analysed)} analyses × ${ASSUMED.secondsPerAnalysis} s × ${memoryGb} GB`,
      ],
      [
        'all else',
        light * memoryGb,
        `${amount(load.invocations)} invocations × ${ASSUMED.secondsPerInvocation} s × ${memoryGb} GB`,
      ],
    ]),
    {
      price: PriceId.SQS_REQUESTS,
      name: 'Requests of queues',
      amount: load.queued * perMessage,
      formula: `(${frames} + ${messages}) × ${perMessage}`,
    },
    {
      price: PriceId.SNS_REQUESTS,
      name: 'Alerts published',
      amount: load.alerts,
      formula: alertsText(load),
    },
    {
      price: PriceId.SNS_EMAILS,
      name: 'Alerts mailed',
      amount: load.alerts * alertEmails,
      formula: `${amount(load.alerts)} alerts, each to ${amount(alertEmails)}`,
    },
    sum(PriceId.DYNAMODB_WRITES, 'Writes to tables', [
      ['alerts', load.alerts * ASSUMED.writesPerAlert, `${amount(load.alerts)} × ${ASSUMED.writesPerAlert}`],
      ['messages', load.messages * ASSUMED.writesPerMessage, `${amount(load.messages)} × ${ASSUMED.writesPerMessage}`],
    ]),
    {
      price: PriceId.DYNAMODB_READS,
      name: 'Reads of tables',
      amount: load.alerts * ASSUMED.readsPerAlert,
      formula: `${amount(load.alerts)} alerts × ${ASSUMED.readsPerAlert}`,
    },
    {
      price: PriceId.LOGS_INGEST,
      name: 'Logs of functions',
      amount: gigabytes(bytes(load.invocations * ASSUMED.logPerInvocation)),
      formula: `${amount(load.invocations)} invocations × 1 KB`,
    },
  ];
}

/** S3: frames. */
export function frameUsage(load: Load): Usage[] {
  const { imageSize, imageRetention } = load.workload;
  return [
    { price: PriceId.S3_PUTS, name: 'Frames put', amount: load.images, formula: `${amount(load.images)} frames` },
    {
      price: PriceId.S3_GETS,
      name: 'Frames read',
      amount: load.analysed,
      formula: `${amount(load.analysed)} frames that are analysed`,
    },
    {
      price: PriceId.S3_STORAGE,
      name: 'Frames kept',
      amount: gigabytes(load.storedImages),
      formula: `${amount(load.images)} frames × ${amount(imageSize.toKibibytes({ rounding: 2 }))} KB × ${time(imageRetention)} of 30 days`,
    },
  ];
}

function alertsText(load: Load): string {
  return `${amount(load.workload.devices)} devices × ${amount(load.workload.alertsPerDay)} a day × 30 days`;
}

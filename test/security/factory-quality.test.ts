import { factoryQuality } from '../../bin/factory-quality';
import { describeFindings } from '../support/reference-app';

const plant = { name: 'plant-3', alarmEmails: ['operator@example.com'] };
const capacity = { instanceType: 'ml.c7i.large' };
const model = { image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/quality:v7', capacity };

describe.each([
  ['by a serverless model', { ...plant, clips: true }],
  ['by a model on instances', { ...plant, model }],
  ['on the device', { ...plant, inspection: 'device' }],
])('inspected %s', (_how, configuration) => {
  describeFindings(factoryQuality, { plant: configuration });
});

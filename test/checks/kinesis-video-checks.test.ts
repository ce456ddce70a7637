import { CfnParameter, CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { KinesisVideoChecks, VideoStream, VideoStreamEncryption } from '../../lib';
import { RULES } from '../../lib/checks/rules';
import { findingsOf, reportingApp } from '../support/checks';

const STREAM_KEY = 'KinesisVideoChecks::StreamKey';

/** A stream in which nothing is wrong but that it has no key of its own. */
function streamWithoutKey(scope: Construct, id: string): VideoStream {
  return new VideoStream(scope, id, { encryption: VideoStreamEncryption.AWS_MANAGED });
}

describe('where it looks', () => {
  test('L2s and L1s alike: the finding names the construct, the resource and the property', () => {
    const app = reportingApp();
    const stack = new Stack(app, 'Gate');
    streamWithoutKey(stack, 'Stream');
    new CfnStream(stack, 'Raw');
    expect(findingsOf(app).filter(({ rule }) => rule === 'StreamKey')).toEqual([
      expect.objectContaining({
        path: 'Gate/Stream/Resource',
        logicalId: stack.getLogicalId(stack.node.findChild('Stream').node.defaultChild as CfnStream),
        locations: ['Properties.KmsKeyId'],
        severity: 'error',
      }),
      expect.objectContaining({ path: 'Gate/Raw', logicalId: 'Raw' }),
    ]);
  });

  test('nested stacks, also those in nested stacks, each once', () => {
    const app = reportingApp();
    for (const id of ['Other', 'Another']) new VideoStream(new Stack(app, id), 'Stream');
    const nested = new NestedStack(new Stack(app, 'Gate'), 'Cameras');
    streamWithoutKey(nested, 'Stream');
    streamWithoutKey(new NestedStack(nested, 'Indoors'), 'Stream');
    expect(findingsOf(app).map(({ path }) => path)).toEqual([
      'Gate/Cameras/Stream/Resource',
      'Gate/Cameras/Indoors/Stream/Resource',
    ]);
  });

  test('stages, each for itself', () => {
    const app = reportingApp();
    for (const id of ['Blue', 'Green']) streamWithoutKey(new Stack(new Stage(app, id), 'Gate'), 'Stream');
    expect(findingsOf(app).map(({ path }) => path)).toEqual([
      'Blue/Gate/Stream/Resource',
      'Green/Gate/Stream/Resource',
    ]);
  });

  test('only in the stage that it is added to', () => {
    const app = reportingApp();
    for (const id of ['Blue', 'Green']) streamWithoutKey(new Stack(new Stage(app, id), 'Gate'), 'Stream');
    const checks = new KinesisVideoChecks();
    const seen: string[][] = [];
    jest.spyOn(checks, 'validate').mockImplementation((context) => {
      const report = KinesisVideoChecks.prototype.validate.call(checks, context);
      seen.push(
        report.violations.flatMap(({ violatingResources }) => violatingResources.map((each) => each.templatePath!)),
      );
      return report;
    });
    Validations.of(app.node.findChild('Green')).addPlugins(checks);
    app.synth();
    expect(seen).toEqual([[expect.stringContaining('Green')]]);
  });

  test('what an escape hatch has changed', () => {
    const app = reportingApp();
    const stream = new VideoStream(new Stack(app, 'Gate'), 'Stream');
    (stream.node.defaultChild as CfnStream).addPropertyDeletionOverride('KmsKeyId');
    expect(findingsOf(app).map(({ rule }) => rule)).toEqual(['StreamKey']);
  });

  test('not at what is known at deployment only', () => {
    const app = reportingApp();
    const stack = new Stack(app, 'Gate');
    const { valueAsString: kmsKeyId } = new CfnParameter(stack, 'Key');
    new VideoStream(stack, 'Stream', { encryption: VideoStreamEncryption.AWS_MANAGED });
    (stack.node.findChild('Stream').node.defaultChild as CfnStream).kmsKeyId = kmsKeyId;
    expect(findingsOf(app)).toEqual([]);
  });

  test('with the region of each stack, where that is known', () => {
    const app = reportingApp();
    for (const [id, region] of Object.entries({ Near: 'us-east-1', Far: 'eu-west-1', Any: undefined })) {
      const stack = new Stack(app, id, { env: { region } });
      const processor = new CfnResource(stack, 'Processor', { type: 'AWS::Rekognition::StreamProcessor' });
      processor.addPropertyOverride('S3Destination.Arn', 'arn:aws:sns:us-east-1:111122223333:seen');
    }
    const found = findingsOf(app).filter(({ rule }) => rule === 'MediaLeavesRegion');
    expect(found.map(({ path }) => path)).toEqual(['Far/Processor']);
  });

  test('an app without video has no findings', () => {
    const app = reportingApp();
    new Bucket(new Stack(app, 'Other'), 'Bucket');
    expect(findingsOf(app)).toEqual([]);
  });
});

describe('what becomes of findings', () => {
  test('errors fail the synthesis', () => {
    const app = reportingApp({});
    app.node.setContext('@aws-cdk/core:failSynthOnValidationErrors', true);
    streamWithoutKey(new Stack(app, 'Gate'), 'Stream');
    expect(() => findingsOf(app)).toThrow(/encrypted with the key that AWS manages[^]*Gate\/Stream/);
  });

  test('warnings do not', () => {
    const app = reportingApp();
    app.node.setContext('@aws-cdk/core:failSynthOnValidationErrors', true);
    jest.spyOn(console, 'error').mockReturnValue();
    const stream = new VideoStream(new Stack(app, 'Gate'), 'Stream');
    (stream.node.defaultChild as CfnStream).dataRetentionInHours = 1000;
    expect(findingsOf(app)).toEqual([expect.objectContaining({ rule: 'HotRetention', severity: 'warning' })]);
  });

  test('one that is acknowledged fails nothing, and stays in the report with its reason', () => {
    const app = reportingApp();
    app.node.setContext('@aws-cdk/core:failSynthOnValidationErrors', true);
    const stream = streamWithoutKey(new Stack(app, 'Gate'), 'Stream');
    Validations.of(stream).acknowledge({ id: STREAM_KEY, reason: 'Shows the street only.' });
    expect(findingsOf(app)).toEqual([expect.objectContaining({ rule: 'StreamKey', reason: 'Shows the street only.' })]);
  });

  test('an acknowledgement is for the construct and what is below it, and for nothing else', () => {
    const app = reportingApp();
    const stack = new Stack(app, 'Gate');
    Validations.of(streamWithoutKey(stack, 'Street')).acknowledge({ id: STREAM_KEY, reason: 'Shows the street only.' });
    streamWithoutKey(stack, 'Hall');
    const open = findingsOf(app).filter(({ reason }) => reason === undefined);
    expect(open.map(({ path }) => path)).toEqual(['Gate/Hall/Resource']);
  });

  test('one rule that is acknowledged leaves the others', () => {
    const app = reportingApp();
    const stream = new CfnStream(new Stack(app, 'Gate'), 'Stream', { dataRetentionInHours: 1000 });
    Validations.of(stream).acknowledge({ id: STREAM_KEY, reason: 'Shows the street only.' });
    const open = findingsOf(app).filter(({ reason }) => reason === undefined);
    expect(new Set(open.map(({ rule }) => rule))).toEqual(new Set(['HotRetention', 'MediaRemoval']));
  });
});

describe('the report', () => {
  /** Of what is done to a stream in which nothing is wrong. */
  function reportOn(change: (stream: CfnStream) => void) {
    const app = reportingApp();
    change(new VideoStream(new Stack(app, 'Gate'), 'Stream').node.defaultChild as CfnStream);
    const checks = new KinesisVideoChecks();
    const validate = jest.spyOn(checks, 'validate');
    Validations.of(app).addPlugins(checks);
    app.synth();
    return validate.mock.results[0].value as ReturnType<typeof checks.validate>;
  }

  /** An error, and a warning. */
  function wrong(stream: CfnStream): void {
    stream.dataRetentionInHours = 1000;
    stream.kmsKeyId = undefined;
  }

  test('succeeds without findings, and with warnings, but with no error', () => {
    expect(reportOn(() => undefined)).toEqual({ success: true, violations: [] });
    const warned = reportOn((stream) => void (stream.dataRetentionInHours = 1000));
    expect(warned).toMatchObject({ success: true, violations: [{ severity: 'warning' }] });
    const failed = reportOn(wrong);
    expect(failed.success).toBe(false);
    expect(failed.violations.map(({ severity }) => severity).sort()).toEqual(['error', 'warning']);
  });

  test('says what is wrong, in detail where there is any', () => {
    const title = (id: string) => RULES.find((rule) => rule.id === id)!.title;
    const { violations } = reportOn(wrong);
    expect(violations.map(({ description }) => description).sort()).toEqual(
      [title('StreamKey'), `${title('HotRetention')} (1000 hours)`].sort(),
    );
  });
});

test('the ids of the rules are there for whoever looks at plugins', () => {
  const { name, ruleIds } = new KinesisVideoChecks();
  expect(name).toBe('KinesisVideoChecks');
  expect(ruleIds).toEqual(expect.arrayContaining(['StreamKey', 'DevicePrefix']));
  expect(new Set(ruleIds).size).toBe(ruleIds!.length);
});

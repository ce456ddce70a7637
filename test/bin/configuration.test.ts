import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { App, Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { cellProps } from '../../bin/fleet/cell-props';
import { readConfiguration, type Configuration } from '../../bin/fleet/configuration';
import {
  AlertSeverity,
  FrameRegion,
  LapseAction,
  MediaRemoval,
  ObstacleClass,
  Registration,
  StorageTier,
  Bitrate,
  PriceId,
  PriceList,
} from '../../lib';

function read(fleet?: unknown): Configuration {
  return readConfiguration(new App({ context: { fleet } }));
}

const OBSTACLES = [{ name: 'bird', labels: ['Bird'] }];

/** Everything that can be said, and nothing of it as it is by default. */
const COMPLETE = {
  name: 'inspection',
  devices: 12_000,
  cells: [
    {
      name: 'north',
      account: '111122223333',
      region: 'eu-west-1',
      devices: 5000,
      streamQuota: 20_000,
      channelQuota: 15_000,
    },
    { name: 'south' },
  ],
  cameras: ['front', 'down'],
  signaling: false,
  registration: 'REUSABLE',
  retentionHours: 48,
  storageTier: 'WARM',
  mediaRemoval: 'DELETE',
  thingsAheadOfBoot: true,
  detection: {
    onDevice: false,
    images: true,
    imageIntervalMs: 200,
    framesPerSecond: 50,
    motion: { fleetHoursPerDay: 1000, streamHoursPerDay: 1.5, openForSeconds: 10 },
    repeatAlertsAfterSeconds: 10,
  },
  obstacles: [
    {
      name: 'wire',
      labels: ['Wire'],
      minimumConfidence: 55.5,
      severity: 'INFO',
      region: { left: 0, top: 0.5, width: 1, height: 0.5 },
      minimumCount: 2,
      minimumValue: 3.5,
      confirmation: { sightings: 3, withinSeconds: 15 },
      clearAfterSeconds: 30,
      releaseConfidence: 40,
      repeatAfterSeconds: 90,
    },
  ],
  pilots: { domainPrefix: 'inspection', sessionMinutes: 10, commands: ['RETURN'], onLapse: 'RETURN' },
  usage: {
    streamingHoursPerDay: 1.5,
    busiestShare: 0.5,
    megabitsPerSecond: 4,
    fragmentSeconds: 5,
    startsPerDay: 8,
    reconnectWithinSeconds: 600,
    imageKilobytes: 50,
    analysedShare: 0.2,
    messagesPerHour: 60,
    basicIngest: true,
    alertsPerDay: 0.5,
    viewers: 25,
    playbackHoursPerDay: 0.5,
    liveHoursPerDay: 3,
    relayedShare: 0.1,
    viewersPerDevice: 2,
    newDevicesPerMonth: 101,
    quotas: { detectLabels: 100 },
  },
  prices: { KVS_IMAGES: 9.5 },
  alertEmails: ['pilot@example.com'],
  alarmEmails: ['operator@example.com'],
  removalPolicy: 'DESTROY',
};

describe('nothing said', () => {
  test.each([
    ['no context', undefined],
    ['an empty object', {}],
  ])('%s is the reference fleet', (_what, fleet) => {
    expect(read(fleet)).toEqual({
      name: 'drone-fleet',
      cells: [{ name: 'cell-1' }],
      cameras: [],
      signaling: true,
      registration: 'ONCE',
      retentionHours: 24,
      storageTier: 'HOT',
      mediaRemoval: 'KEEP',
      thingsAheadOfBoot: false,
      detection: { onDevice: true, images: true, imageIntervalMs: 3000, repeatAlertsAfterSeconds: 60 },
      obstacles: [
        { name: 'power-line', labels: ['Power Line', 'Power Lines', 'Wire', 'Cable'], severity: 'CRITICAL' },
        { name: 'bird', labels: ['Bird', 'Flock'], severity: 'CRITICAL' },
        { name: 'aircraft', labels: ['Aircraft', 'Airplane', 'Helicopter', 'Drone'], severity: 'CRITICAL' },
        { name: 'person', labels: ['Person'], severity: 'WARNING' },
      ],
      alertEmails: [],
      alarmEmails: [],
      removalPolicy: 'RETAIN',
    });
  });

  test('a part of the detection leaves the rest as it is', () => {
    expect(read({ detection: { images: false } }).detection).toEqual({
      onDevice: true,
      images: false,
      imageIntervalMs: 3000,
      repeatAlertsAfterSeconds: 60,
    });
  });
});

describe('a configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  const path = join(folder, 'fleet.json');
  const write = (text: string) => writeFileSync(path, text);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read as the context has it', () => {
    expect(read(COMPLETE)).toEqual(COMPLETE);
  });

  test('is read from a file, by an absolute path or one from where the app is started', () => {
    write(JSON.stringify(COMPLETE));
    expect(read(path)).toEqual(COMPLETE);
    expect(read(relative(process.cwd(), path))).toEqual(COMPLETE);
  });

  test('in a file that is wrong names the file', () => {
    write('{"signaling": "no"}');
    expect(() => read(path)).toThrow(
      `The configuration in ${path} is wrong:\n  signaling: Invalid input: expected boolean, received string`,
    );
  });

  test('in a file that is no JSON says so', () => {
    write('{"signaling": no}');
    expect(() => read(path)).toThrow(
      new RegExp(`^The configuration ${path} can't be read: Unexpected token .* is not valid JSON$`),
    );
  });

  test('in a file that is not there says so', () => {
    expect(() => read(join(folder, 'none.json'))).toThrow(/none\.json can't be read: ENOENT/);
  });

  test('in the context that is wrong names the context', () => {
    expect(() => read({ signaling: 'no' })).toThrow(/^The configuration in the context value 'fleet' is wrong:\n/);
  });
});

describe('a field that is wrong is named, with what it must be', () => {
  const name = 'must be 1 to 32 of a-z A-Z 0-9 -, and start with a letter';
  const cell = (field: object) => ({ cells: [{ name: 'one' }, { name: 'two', ...field }] });
  const obstacle = (field: object) => ({ obstacles: [...OBSTACLES, { name: 'wire', labels: ['Wire'], ...field }] });
  const region = { left: 0, top: 0, width: 1, height: 1 };
  test.each<[string, object | number, string]>([
    ['the whole', 7, 'the whole: Invalid input: expected object, received number'],
    ['an unknown field', { cels: [] }, 'the whole: Unrecognized key: "cels"'],
    ['an unknown field of a cell', cell({ zone: 'a' }), 'cells[1]: Unrecognized key: "zone"'],
    ['an unknown field of the detection', { detection: { image: true } }, 'detection: Unrecognized key: "image"'],
    ['an unknown field of an obstacle', obstacle({ label: 'a' }), 'obstacles[1]: Unrecognized key: "label"'],
    ['the name', { name: '1st' }, `name: ${name}`],
    ['a name too long', { name: 'n'.repeat(33) }, `name: ${name}`],
    ['no cells', { cells: [] }, 'cells: Too small: expected array to have >=1 items'],
    ['a cell without name', { cells: [{}] }, 'cells[0].name: Invalid input: expected string, received undefined'],
    ['the name of a cell', cell({ name: 'a_b' }), `cells[1].name: ${name}`],
    ['an account', cell({ account: '1111' }), 'cells[1].account: must be the 12 digits of an account'],
    ['a region', cell({ region: 'Ireland' }), "cells[1].region: must be a region, like 'eu-west-1'"],
    ['no devices', cell({ devices: 0 }), 'cells[1].devices: Too small: expected number to be >=1'],
    ['half a device', cell({ devices: 0.5 }), 'cells[1].devices: Invalid input: expected int, received number'],
    ['a quota', cell({ streamQuota: '9' }), 'cells[1].streamQuota: Invalid input: expected number, received string'],
    ['the other quota', cell({ channelQuota: 0 }), 'cells[1].channelQuota: Too small: expected number to be >=1'],
    ['a cell twice', { cells: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, "cells[2].name: 'a' is there already"],
    ['the name of a camera', { cameras: ['a', 'b.c'] }, 'cameras[1]: must be 1 to 32 of a-z A-Z 0-9 _ -'],
    ['the name of an obstacle', obstacle({ name: 'a b' }), 'obstacles[1].name: must be 1 to 64 of a-z A-Z 0-9 _ -'],
    ['an obstacle twice', obstacle({ name: 'bird' }), "obstacles[1].name: 'bird' is there already"],
    ['an empty label', obstacle({ labels: [''] }), 'obstacles[1].labels[0]: Too small'],
    ['a camera', { cameras: [1] }, 'cameras[0]: Invalid input: expected string, received number'],
    ['signaling', { signaling: 1 }, 'signaling: Invalid input: expected boolean, received number'],
    ['registration', { registration: 'once' }, 'registration: Invalid option: expected one of "ONCE"|"REUSABLE"'],
    ['the retention', { retentionHours: 0 }, 'retentionHours: Too small: expected number to be >=1'],
    ['too long a retention', { retentionHours: 87_601 }, 'retentionHours: Too big: expected number to be <=87600'],
    ['the tier', { storageTier: 'COLD' }, 'storageTier: Invalid option: expected one of "HOT"|"WARM"'],
    ['the removal', { mediaRemoval: true }, 'mediaRemoval: Invalid option: expected one of "KEEP"|"DELETE"'],
    ['a switch', { detection: { images: 'on' } }, 'detection.images: Invalid input: expected boolean, received string'],
    [
      'the interval',
      { detection: { imageIntervalMs: 199 } },
      'detection.imageIntervalMs: Too small: expected number to be >=200',
    ],
    [
      'the repetition',
      { detection: { repeatAlertsAfterSeconds: 86_401 } },
      'detection.repeatAlertsAfterSeconds: Too big: expected number to be <=86400',
    ],
    ['no obstacles', { obstacles: [] }, 'obstacles: Too small: expected array to have >=1 items'],
    ['labels', obstacle({ labels: [] }), 'obstacles[1].labels: Too small: expected array to have >=1 items'],
    ['a label', obstacle({ labels: ['a', 1] }), 'obstacles[1].labels[1]: Invalid input: expected string'],
    ['a confidence', obstacle({ minimumConfidence: 101 }), 'obstacles[1].minimumConfidence: Too big'],
    ['a severity', obstacle({ severity: 'HIGH' }), 'obstacles[1].severity: Invalid option: expected one of "CRITICAL"'],
    ['a region of the frame', obstacle({ region: { ...region, left: 2 } }), 'obstacles[1].region.left: Too big'],
    ['the pages of pilots', { pilots: { domainPrefix: 'a_b' } }, 'pilots.domainPrefix: must be 1 to 30 of a-z 0-9 -'],
    [
      'a session too short',
      { pilots: { domainPrefix: 'a', sessionMinutes: 4 } },
      'pilots.sessionMinutes: Too small: expected number to be >=5',
    ],
    [
      'a command',
      { pilots: { domainPrefix: 'a', commands: ['land'] } },
      'pilots.commands[0]: must be of A-Z 0-9 _, like RETURN',
    ],
    ['hours of a day', { usage: { streamingHoursPerDay: 25 } }, 'usage.streamingHoursPerDay: Too big'],
    ['no device at once', { usage: { busiestShare: 0 } }, 'usage.busiestShare: Too small'],
    ['a use that is none', { usage: { hours: 8 } }, 'usage: Unrecognized key: "hours"'],
    ['a price', { prices: { KVS_INGEST: -1 } }, 'prices.KVS_INGEST: Too small'],
    ['a price that is none', { prices: { KVS: 1 } }, 'prices'],
    ['an e-mail of alerts', { alertEmails: ['pilot'] }, 'alertEmails[0]: Invalid email address'],
    ['an e-mail of alarms', { alarmEmails: ['a@b', 'c'] }, 'alarmEmails[1]: Invalid email address'],
    ['what is left', { removalPolicy: 'KEEP' }, 'removalPolicy: Invalid option: expected one of "RETAIN"|"DESTROY"'],
  ])('%s', (_what, fleet, problem) => {
    expect(() => read(fleet)).toThrow(`\n  ${problem}`);
  });

  test('all of them at once', () => {
    const lines = () => {
      try {
        read({ name: '', retentionHours: 0, detection: { images: 1 } });
        return [];
      } catch (error) {
        return (error as Error).message.split('\n').slice(1);
      }
    };
    expect(lines().map((line) => line.split(':')[0])).toEqual(['  name', '  retentionHours', '  detection.images']);
  });
});

describe('the properties of a cell', () => {
  test('are what the configuration says', () => {
    const fleet = read(COMPLETE);
    expect(cellProps(fleet, fleet.cells[0])).toEqual({
      env: { account: '111122223333', region: 'eu-west-1' },
      devices: 5000,
      streamQuota: 20_000,
      channelQuota: 15_000,
      usage: {
        streamingPerDay: Duration.minutes(90),
        busiestShare: 0.5,
        bitrate: Bitrate.megabitsPerSecond(4),
        fragmentDuration: Duration.seconds(5),
        startsPerDay: 8,
        reconnectWithin: Duration.seconds(600),
        imageSize: Size.kibibytes(50),
        analysedShare: 0.2,
        messagesPerHour: 60,
        basicIngest: true,
        alertsPerDay: 0.5,
        // Half of all.
        viewers: 13,
        playbackPerDay: Duration.minutes(30),
        livePerDay: Duration.minutes(180),
        relayedShare: 0.1,
        viewersPerDevice: 2,
        newDevicesPerMonth: 51,
        quotas: { detectLabels: 100 },
      },
      prices: PriceList.forRegion('eu-west-1').withPrice(PriceId.KVS_IMAGES, 9.5, 'fleet configuration'),
      fleetName: 'inspection',
      cameras: ['front', 'down'],
      signaling: false,
      provisioning: {
        registration: Registration.REUSABLE,
        attributes: { cell: 'north' },
        cell: { name: 'north', cells: ['north', 'south'] },
      },
      thingsAheadOfBoot: true,
      media: {
        retention: Duration.hours(48),
        storageTier: StorageTier.WARM,
        imageGeneration: { samplingInterval: Duration.millis(200) },
      },
      mediaRemoval: MediaRemoval.DELETE,
      onDeviceDetection: false,
      imageDetection: true,
      imageAnalysis: { callsPerSecond: 50, maxConcurrency: 10 },
      motionGate: {
        fleetLimitPerDay: Duration.hours(1000),
        streamLimitPerDay: Duration.hours(1.5),
        openFor: Duration.seconds(10),
      },
      repeatAlertsAfter: Duration.seconds(10),
      obstacles: [
        new ObstacleClass({
          name: 'wire',
          labels: ['Wire'],
          minimumConfidence: 55.5,
          severity: AlertSeverity.INFO,
          region: new FrameRegion({ left: 0, top: 0.5, width: 1, height: 0.5 }),
          minimumCount: 2,
          minimumValue: 3.5,
          confirmation: { sightings: 3, within: Duration.seconds(15) },
          clearAfter: Duration.seconds(30),
          releaseConfidence: 40,
          repeatAfter: Duration.seconds(90),
        }),
      ],
      pilots: {
        viewing: { signIn: { domainPrefix: 'inspection-north' }, sessionLength: Duration.minutes(10) },
        takeover: { commands: ['RETURN'], onLapse: LapseAction.RETURN },
      },
      alertEmails: ['pilot@example.com'],
      alarmEmails: ['operator@example.com'],
      removalPolicy: RemovalPolicy.DESTROY,
    });
  });

  test.each([
    [undefined, undefined],
    [1, 2],
    [5, 2],
    [50, 10],
    [51, 11],
    [10_000, 1000],
  ])('%s frames a second are analysed by %s invocations at once', (framesPerSecond, maxConcurrency) => {
    const fleet = read({ detection: { framesPerSecond } });
    expect(cellProps(fleet, fleet.cells[0]).imageAnalysis).toEqual({ callsPerSecond: framesPerSecond, maxConcurrency });
  });

  test('without images, nothing has to move for them', () => {
    const fleet = read({ detection: { images: false, motion: { fleetHoursPerDay: 1 } } });
    expect(cellProps(fleet, fleet.cells[0]).motionGate).toBeUndefined();
  });

  test('of a cell that does not say for how many devices it is: its share of all, with room for chance', () => {
    const fleet = read(COMPLETE);
    const [, south] = fleet.cells;
    expect(cellProps(fleet, south).devices).toBe(6220);
    expect(cellProps({ ...fleet, cells: [south] }, south)).toMatchObject({
      devices: 12_000,
      provisioning: { cell: undefined },
    });
  });

  test('of a cell that says nothing leave account, region and quotas open', () => {
    const fleet = read();
    const props = cellProps(fleet, fleet.cells[0]);
    expect(props).toMatchObject({
      env: { account: undefined, region: undefined },
      removalPolicy: RemovalPolicy.RETAIN,
      provisioning: { attributes: { cell: 'cell-1' } },
    });
    expect([props.devices, props.streamQuota, props.channelQuota]).toEqual([undefined, undefined, undefined]);
    expect([props.usage, props.prices]).toEqual([undefined, undefined]);
  });
});

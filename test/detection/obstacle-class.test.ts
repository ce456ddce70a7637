import { Duration, Token } from 'aws-cdk-lib';
import { obstacleClass as readByHandler } from '../../lambda/common/obstacles';
import { AlertSeverity, FrameRegion, ObstacleClass, type ObstacleClassProps } from '../../lib';
import { codedError } from '../support/fleet';

const seconds = (amount: number) => Duration.seconds(amount);
const confirmed = (sightings: number, within: number) => ({ confirmation: { sightings, within: seconds(within) } });
const render = (props: ObstacleClassProps) => JSON.parse(JSON.stringify(new ObstacleClass(props)._render()));

describe('an obstacle class', () => {
  test('is by default a warning, in the whole frame, if a model is 80 percent sure', () => {
    expect(render({ name: 'bird', labels: ['Bird', 'Flock'] })).toEqual({
      name: 'bird',
      labels: ['Bird', 'Flock'],
      minimumConfidence: 80,
      severity: AlertSeverity.WARNING,
    });
  });

  test('has all that it is given, as the handlers read it', () => {
    const props = {
      name: 'power-line',
      labels: ['Power Line'],
      minimumConfidence: 55.5,
      severity: AlertSeverity.CRITICAL,
      region: new FrameRegion({ left: 0.25, top: 0, width: 0.5, height: 1 }),
    };
    expect(new ObstacleClass(props)).toMatchObject(props);
    const rendered = render({
      ...props,
      minimumCount: 3,
      minimumValue: 80.5,
      releaseConfidence: 40,
      confirmation: { sightings: 3, within: Duration.minutes(1) },
      clearAfter: Duration.seconds(20),
      repeatAfter: Duration.hours(24),
    });
    expect(rendered).toEqual({
      ...props,
      region: { left: 0.25, top: 0, width: 0.5, height: 1 },
      minimumCount: 3,
      minimumValue: 80.5,
      releaseConfidence: 40,
      confirmation: { sightings: 3, withinSeconds: 60 },
      clearAfterSeconds: 20,
      repeatAfterSeconds: 86_400,
    });
    expect(readByHandler.parse(rendered)).toEqual(rendered);
  });

  const name = /`name` is '.*'; it must be 1 to 64 of a-z A-Z 0-9 _ -/;
  const label = /`labels` is '.*'; it must be 1 to 128 characters/;
  const confidence = /`minimumConfidence` is .* percent; it must be between 0 and 100 percent/;
  test.each([
    ['no name', { name: '' }, 'ObstacleName', name],
    ['a name with a space', { name: 'power line' }, 'ObstacleName', name],
    ['a name of 65 characters', { name: 'n'.repeat(65) }, 'ObstacleName', name],
    ['no label', { labels: [] }, 'ObstacleLabels', /'bird' has no `labels`; it needs at least one/],
    ['an empty label', { labels: ['Bird', ''] }, 'ObstacleLabels', label],
    ['a label of 129 characters', { labels: ['l'.repeat(129)] }, 'ObstacleLabels', label],
    ['a negative confidence', { minimumConfidence: -0.1 }, 'ObstacleConfidence', confidence],
    ['a confidence of over 100', { minimumConfidence: 100.1 }, 'ObstacleConfidence', confidence],
    ['a confidence that is no number', { minimumConfidence: NaN }, 'ObstacleConfidence', confidence],
    ['none at once', { minimumCount: 0 }, 'ObstacleCount', /`minimumCount` is 0; .* between 1 and 100/],
    ['over 100 at once', { minimumCount: 101 }, 'ObstacleCount', /`minimumCount` is 101/],
    [
      'one sighting as confirmation',
      confirmed(1, 5),
      'ObstacleConfirmation',
      /`confirmation.sightings` is 1; .* 2 and 20/,
    ],
    ['21 sightings as confirmation', confirmed(21, 5), 'ObstacleConfirmation', /`confirmation.sightings` is 21/],
    ['a confirmation at once', confirmed(2, 0), 'ObstacleConfirmation', /`confirmation.within` is 0 seconds; .* 3600/],
    [
      'a confirmation within hours',
      confirmed(2, 3601),
      'ObstacleConfirmation',
      /`confirmation.within` is 3601 seconds/,
    ],
    ['no time to be clear', { clearAfter: seconds(0) }, 'ObstacleClearAfter', /`clearAfter` is 0 seconds; .* 86400/],
    ['over a day to be clear', { clearAfter: seconds(86_401) }, 'ObstacleClearAfter', /`clearAfter` is 86401 seconds/],
    ['no pause', { repeatAfter: seconds(0) }, 'ObstacleRepeatAfter', /`repeatAfter` is 0 seconds; .* 86400/],
    ['over a day of pause', { repeatAfter: seconds(86_401) }, 'ObstacleRepeatAfter', /`repeatAfter` is 86401 seconds/],
    ['a release without end', { releaseConfidence: 50 }, 'ObstacleConfidence', /it needs `clearAfter`/],
    [
      'a release that is surer than the rest',
      { releaseConfidence: 80.1, clearAfter: seconds(5) },
      'ObstacleConfidence',
      /`releaseConfidence` is 80.1 percent; .* between 0 and 80 percent.*It must not be above `minimumConfidence`/,
    ],
  ])('with %s is refused', (_what, props, code, message) => {
    expect(() => new ObstacleClass({ name: 'bird', labels: ['Bird'], ...props })).toThrow(codedError(code, message));
  });

  test.each([0, 100])('may ask for a confidence of %i percent', (minimumConfidence) => {
    expect(new ObstacleClass({ name: 'bird', labels: ['l'.repeat(128)], minimumConfidence })).toMatchObject({
      minimumConfidence,
    });
  });

  test('may have tokens', () => {
    const props = {
      name: Token.asString({ Ref: 'Name' }),
      labels: [Token.asString({ Ref: 'Label' })],
      minimumConfidence: Token.asNumber({ Ref: 'Confidence' }),
    };
    expect(new ObstacleClass(props)).toMatchObject(props);
  });
});

describe('a region of the frame', () => {
  test.each([
    ['the whole', { left: 0, top: 0, width: 1, height: 1 }],
    // 1 - 0.8 is less than 0.2.
    ['the right fifth', { left: 0.8, top: 0, width: 0.2, height: 1 }],
    ['the lowest tenth', { left: 0, top: 0.9, width: 1, height: 0.1 }],
    ['the lower half', { left: 0, top: 0.5, width: 1, height: 0.5 }],
    ['a spot', { left: 0.5, top: 0.5, width: 0.001, height: 0.001 }],
  ])('may be %s', (_what, props) => {
    expect({ ...new FrameRegion(props) }).toEqual(props);
  });

  const whole = { left: 0, top: 0, width: 1, height: 1 };
  test.each([
    ['starts left of the frame', { left: -0.1 }, /`left` is -0.1; it must be between 0 and 1/],
    ['starts right of the frame', { left: 1.1 }, /`left` is 1.1/],
    ['starts above the frame', { top: -1 }, /`top` is -1/],
    ['ends right of the frame', { left: 0.5, width: 0.6 }, /`width` is 0.6.*The region must end within the frame/],
    ['ends below the frame', { top: 0.5, height: 0.6 }, /`height` is 0.6.*The region must end within the frame/],
    ['has no width', { width: 0 }, /The region is empty; `width` and `height` must be larger than 0/],
    ['has no height', { height: 0 }, /The region is empty/],
    ['is as wide as nothing', { width: NaN }, /`width` is NaN/],
  ])('that %s is refused', (_what, props, message) => {
    expect(() => new FrameRegion({ ...whole, ...props })).toThrow(codedError('FrameRegion', message));
  });
});

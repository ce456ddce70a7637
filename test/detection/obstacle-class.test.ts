import { Token } from 'aws-cdk-lib';
import { obstacleClass as readByHandler } from '../../lambda/common/obstacles';
import { AlertSeverity, FrameRegion, ObstacleClass } from '../../lib';
import { codedError } from '../support/fleet';

describe('an obstacle class', () => {
  test('is by default a warning, in the whole frame, if a model is 80 percent sure', () => {
    expect({ ...new ObstacleClass({ name: 'bird', labels: ['Bird', 'Flock'] }) }).toEqual({
      name: 'bird',
      labels: ['Bird', 'Flock'],
      minimumConfidence: 80,
      severity: AlertSeverity.WARNING,
      region: undefined,
    });
  });

  test('has all that it is given, which the handlers read as it is', () => {
    const props = {
      name: 'power-line',
      labels: ['Power Line'],
      minimumConfidence: 55.5,
      severity: AlertSeverity.CRITICAL,
      region: new FrameRegion({ left: 0.25, top: 0, width: 0.5, height: 1 }),
    };
    const obstacle = new ObstacleClass(props);
    expect({ ...obstacle }).toEqual(props);
    const written = JSON.parse(JSON.stringify(obstacle));
    expect(readByHandler.parse(written)).toEqual(written);
    expect(written).toMatchObject({ region: { left: 0.25, top: 0, width: 0.5, height: 1 } });
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

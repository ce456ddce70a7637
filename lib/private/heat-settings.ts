import { Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HeatAsset, HeatOptions } from '../detection/heat-options';
import { checkDuration, checkPattern, checkRange, fail, lit } from './validation';

/** What is left of the 4 KB that a function's environment may have. */
const MAX_BYTES = 2800;

/** The assets as lambda/heat-monitor/settings.ts reads them. */
export function renderAssets(scope: Construct, assets: HeatAsset[]): object[] {
  const code = lit`HeatAssets`;
  checkRange(scope, code, 'assets.length', assets.length, { min: 1, max: 100 });
  const names = assets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) fail(scope, code, `Two of the \`assets\` are called '${twice}'.`);
  for (const asset of assets) checkAsset(scope, asset);

  const rendered = assets.map(({ name, device = name, camera, region, maximumCelsius }) => ({
    name,
    device,
    camera,
    region,
    limit: maximumCelsius,
  }));
  const bytes = Buffer.byteLength(JSON.stringify(rendered));
  if (bytes > MAX_BYTES) {
    const remedy = 'Use shorter names, or several monitors with a part of the assets each.';
    fail(scope, code, `\`assets\` have ${bytes} bytes as JSON; ${MAX_BYTES} are allowed. ${remedy}`);
  }
  return rendered;
}

/** What is normal, and when something isn't. */
export function renderHeat(scope: Construct, options: HeatOptions): object {
  const { watchAbove = 4, alarmAbove = 12, driftAbove = 5, ambientCompensation = true } = options;
  const code = lit`HeatLimits`;
  const kelvin = { unit: 'K', whole: false };
  checkRange(scope, code, 'watchAbove', watchAbove, { ...kelvin, min: 0.5, max: 200 });
  checkRange(scope, code, 'alarmAbove', alarmAbove, { ...kelvin, min: 1, max: 500 });
  checkRange(scope, code, 'driftAbove', driftAbove, { ...kelvin, min: 0.5, max: 200 });
  if (alarmAbove <= watchAbove) {
    fail(scope, code, `\`alarmAbove\` is ${alarmAbove} K; it must be more than \`watchAbove\`, ${watchAbove} K.`);
  }
  const seconds = (prop: string, duration: Duration, min: Duration, max: Duration) =>
    checkDuration(scope, lit`HeatTimes`, prop, duration, {
      min: min.toSeconds(),
      max: max.toSeconds(),
      unit: 'seconds',
    });
  const { learnFor = Duration.days(1), adaptOver = Duration.days(2), alarmAfter = Duration.minutes(5) } = options;
  const { calmAfter = Duration.minutes(15), watchFor = Duration.days(1), silentAfter = Duration.minutes(15) } = options;
  const [none, minute, tenMinutes] = [0, 1, 10].map((minutes) => Duration.minutes(minutes));
  const [hour, day, month] = [1, 24, 720].map((hours) => Duration.hours(hours));
  return {
    needsAmbient: ambientCompensation,
    learnForSeconds: seconds('learnFor', learnFor, tenMinutes, month),
    adaptOverSeconds: seconds('adaptOver', adaptOver, hour, Duration.days(90)),
    watchAbove,
    alarmAbove,
    driftAbove,
    alarmAfterSeconds: seconds('alarmAfter', alarmAfter, none, Duration.hours(6)),
    calmAfterSeconds: seconds('calmAfter', calmAfter, none, day),
    watchForSeconds: seconds('watchFor', watchFor, tenMinutes, month),
    silentAfterSeconds: seconds('silentAfter', silentAfter, minute, day),
  };
}

function checkAsset(scope: Construct, { name, device, camera, maximumCelsius }: HeatAsset): void {
  const code = lit`HeatAssets`;
  const rule = '1 to 64 of a-z A-Z 0-9 _ -, the first a letter or a digit';
  if (Token.isUnresolved(name)) fail(scope, code, 'The name of an asset is a token; metrics need it at synthesis.');
  checkPattern(scope, code, 'name', name, /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/, rule);
  checkPattern(scope, code, 'device', device, /^[a-zA-Z0-9:_-]{1,128}$/, '1 to 128 of a-z A-Z 0-9 : _ -');
  checkPattern(scope, code, 'camera', camera, /^[a-zA-Z0-9_-]{1,32}$/, '1 to 32 of a-z A-Z 0-9 _ -');
  const celsius = { min: -100, max: 2000, unit: '°C', whole: false };
  checkRange(scope, code, 'maximumCelsius', maximumCelsius, celsius);
}

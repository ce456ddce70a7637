import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DeployedResource } from '../cloudformation-resolver';
import { stateOf, type AlarmProperties, type AlarmState, type Given } from './alarms';
import { ruleHolds } from './composite-rule';
import { indexed } from './indexed-png';
import { insights, linesOf, usesOf, type Line, type Widget } from './dashboard';
import type { MetricUse } from './known-metrics';
import { POINTS, madeSeries } from './made-series';
import { evaluate, type Values } from './metric-math';
import { MonitoredFleet } from './monitored-fleet';

// Draws the dashboard as it is synthesized, with series that are made up, for docs/monitoring.md:
//   npx tsx test/support/monitoring/picture.ts docs/images/monitoring.png
// Needs Chromium.

const COLUMN = 56;
const ROW = 30;
const COLORS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd'];
const STATE_COLORS: Record<AlarmState, string> = { OK: '#e9f6ec', ALARM: '#fde7e7', INSUFFICIENT_DATA: '#eee' };

const fleet = new MonitoredFleet();
const [dashboard] = fleet.resources('AWS::CloudWatch::Dashboard');
const { widgets }: { widgets: Widget[] } = JSON.parse(dashboard.get<string>('DashboardBody')!);
const states = statesOfAll();

function statesOfAll(): Map<string, { id: string; state: AlarmState }> {
  const found = new Map<string, { id: string; state: AlarmState }>();
  const add = (alarm: DeployedResource, state: AlarmState) =>
    found.set(alarm.arn, { id: MonitoredFleet.idOf(alarm).replace(/^Fleet(?=.)/, ''), state });
  for (const alarm of fleet.resources('AWS::CloudWatch::Alarm')) {
    const names = Object.keys(alarm.properties);
    const properties = Object.fromEntries(names.map((name) => [name, alarm.get(name)])) as unknown as AlarmProperties;
    add(alarm, stateOf(properties, givenTo(properties)));
  }
  // The fleet's is made first, and knows its concerns only when they are known.
  for (const alarm of fleet.resources('AWS::CloudWatch::CompositeAlarm').reverse()) {
    const holds = ruleHolds(alarm.get<string>('AlarmRule')!, (arn) => found.get(arn)?.state ?? 'OK');
    add(alarm, holds ? 'ALARM' : 'OK');
  }
  return found;
}

function givenTo(alarm: AlarmProperties): Given {
  const given: Record<string, Values> = {};
  for (const use of usesOf(alarm)) {
    const stat = alarm.Metrics?.find(({ MetricStat }) => MetricStat?.Metric.MetricName === use.name)?.MetricStat?.Stat;
    given[use.name] = made(use, stat);
  }
  const usual = Object.values(given)[0];
  const [first = 0] = usual;
  given.lower = usual.map(() => 0.93 * first);
  given.upper = usual.map(() => 2.2 * first);
  given.quota = madeSeries({ namespace: 'quota', name: '', dimensions: {} });
  if (given.DevicesRegistered && alarm.EvaluationPeriods === 48) given.DevicesRegistered = Array(POINTS).fill(1);
  return given;
}

/** In dead-letter queues there is nothing. */
function made(use: MetricUse, statistic?: string): Values {
  const isDeadLetters = /deadletter/i.test(JSON.stringify(use.dimensions));
  return isDeadLetters ? Array(POINTS).fill(0) : madeSeries(use, statistic);
}

function seriesOf(line: Line, lines: Line[]): Values {
  if (line.metric) return made(line.metric, line.statistic);
  const [selected] = insights(line.expression);
  if (selected) {
    const isLongest = line.expression!.startsWith('SELECT MAX');
    return madeSeries(selected).map((value) => (isLongest ? 2.6 * value! : value));
  }
  const expression = line.expression!.replace(/SERVICE_QUOTA\(\w+\)/, 'quota');
  const lookup = (name: string) =>
    name === 'quota'
      ? madeSeries({ namespace: 'quota', name: '', dimensions: {} })
      : seriesOf(
          lines.find(({ id }) => id === name)!,
          lines,
        );
  return evaluate(expression, lookup, POINTS);
}

function short(value: number): string {
  const [divisor, unit] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  const scaled = value / divisor;
  return `${scaled >= 100 ? Math.round(scaled) : Number(scaled.toPrecision(2))}${unit}`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function chart(widget: Widget): string {
  const [width, height] = [widget.width * COLUMN - 24, widget.height * ROW - 70];
  const lines = linesOf(widget);
  const shown = lines.filter(({ visible }) => visible).map((line) => ({ line, values: seriesOf(line, lines) }));
  const highest = (axis: string) => {
    const most = Math.max(
      0,
      ...shown.filter(({ line }) => line.axis === axis).flatMap(({ values }) => values.map((v) => v ?? 0)),
    );
    return Math.max(widget.properties.yAxis?.[axis as 'left']?.max ?? 0, most * 1.1) || 1;
  };
  const paths = shown.map(({ line, values }, index) => {
    const top = highest(line.axis);
    const points = values.map((value, at) =>
      value === undefined
        ? ''
        : `${(34 + ((width - 34) * at) / (POINTS - 1)).toFixed(1)},${(height - (height * value) / top).toFixed(1)}`,
    );
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${COLORS[index % COLORS.length]}" stroke-width="1.4"/>`;
  });
  const grid = [0, 0.5, 1].map((share) => {
    const y = height - height * share;
    return `<line x1="34" x2="${width}" y1="${y}" y2="${y}" stroke="#e4e7ea"/><text x="30" y="${y + 4}" text-anchor="end">${short(share * highest('left'))}</text>`;
  });
  const legend = shown.map(
    ({ line }, index) =>
      `<span><i style="background:${COLORS[index % COLORS.length]}"></i>${escaped(line.label ?? line.statistic ?? line.metric!.name)}</span>`,
  );
  return `<b>${escaped(widget.properties.title!)}</b><svg width="${width}" height="${height + 12}"><g transform="translate(0 8)">${grid.join('')}${paths.join('')}</g></svg><p>${legend.join('')}</p>`;
}

function content(widget: Widget): string {
  if (widget.type === 'metric') return chart(widget);
  const { markdown, alarms = [] } = widget.properties;
  if (markdown !== undefined) {
    const [heading, ...text] = markdown.replace(/^## /, '').split('\n\n');
    return `<h2>${heading}</h2><p>${text.join(' ').replace(/\*\*(.*?)\*\*/g, '<b>$1</b>')}</p>`;
  }
  const tiles = alarms.map((arn) => {
    const { id, state } = states.get(arn)!;
    return `<span class="tile" style="background:${STATE_COLORS[state]}">${state === 'ALARM' ? '&#9650; ' : '&#10003; '}${id}</span>`;
  });
  return `<div class="tiles">${tiles.join('')}</div>`;
}

const boxes = widgets.map(
  (widget) =>
    `<div class="${widget.type}" style="left:${widget.x * COLUMN}px;top:${widget.y * ROW}px;width:${widget.width * COLUMN - 8}px;height:${widget.height * ROW - 8}px">${content(widget)}</div>`,
);
const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * ROW + 40;
const html = `<!doctype html><meta charset="utf-8"><style>
body { margin: 16px; font: 12px sans-serif; color: #16191f; background: #f4f5f6; position: relative }
div { position: absolute; box-sizing: border-box; overflow: hidden } .metric { background: #fff; border: 1px solid #dfe3e8; padding: 8px }
h2 { font-size: 16px; margin: 2px 0 4px } p { margin: 0 } text { font-size: 10px; fill: #687078 } svg { display: block; margin: 6px 0 2px }
span { margin-right: 10px; font-size: 11px } i { display: inline-block; width: 9px; height: 9px; margin-right: 4px }
.alarm, .tiles { display: flex; flex-wrap: wrap; gap: 4px; align-content: flex-start } .tiles { position: static }
.tile { padding: 3px 7px; border: 1px solid #d5dbdb; margin: 0; font-size: 10.5px }
</style>${boxes.join('')}`;
const page = join(mkdtempSync(join(tmpdir(), 'monitoring-')), 'page.html');
writeFileSync(page, html);
const [, , file = 'docs/images/monitoring.png'] = process.argv;
execFileSync('chromium', [
  '--headless',
  '--no-sandbox',
  '--hide-scrollbars',
  `--window-size=${24 * COLUMN + 24},${height}`,
  `--screenshot=${file}`,
  pathToFileURL(page).href,
]);
writeFileSync(file, indexed(readFileSync(file)));

import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Alert } from '../alerts/merge';
import { clockOf, wordsFor } from '../ui/format';
import { momentAt, shareOf, ticksOf } from './time';
import type { Span } from './window';

export interface TimelineProps {
  readonly window: Span;
  readonly parts: readonly Span[];
  readonly alerts: readonly Alert[];
  readonly moment: number | undefined;
  readonly clip: Span | undefined;
  readonly onSeek: (moment: number) => void;
}

const STEP = 5000;

export function Timeline({ window, parts, alerts, moment, clip, onSeek }: TimelineProps): JSX.Element {
  const track = useRef<HTMLDivElement>(null);
  const left = (time: number) => `${100 * shareOf(time, window)}%`;
  const place = ({ from, to }: Span) => ({
    left: left(from),
    width: `${100 * (shareOf(to, window) - shareOf(from, window))}%`,
  });
  const now = moment ?? window.from;
  const hasRoom = (tick: number) => Math.abs(shareOf(tick, window) - 0.5) < 0.46;

  function seekTo({ clientX }: { clientX: number }): void {
    const { left: edge, width } = track.current!.getBoundingClientRect();
    onSeek(momentAt((clientX - edge) / width, window));
  }

  return (
    <div class="timeline">
      <div
        ref={track}
        class="track"
        role="slider"
        tabIndex={0}
        aria-label="Playhead"
        aria-valuemin={0}
        aria-valuemax={Math.round((window.to - window.from) / 1000)}
        aria-valuenow={Math.round((now - window.from) / 1000)}
        aria-valuetext={clockOf(now)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => event.buttons === 1 && seekTo(event)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -STEP, ArrowRight: STEP, PageDown: -12 * STEP, PageUp: 12 * STEP }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          onSeek(now + step);
        }}
      >
        {parts.map((part) => (
          <span key={part.from} class="part" style={place(part)} />
        ))}
        {clip && <span class="clip-span" style={place(clip)} />}
        {moment !== undefined && <span class="playhead" style={{ left: left(moment) }} />}
      </div>
      <div class="markers" role="group" aria-label="Alerts in this window">
        {alerts.map(({ key, capturedAt, severity = 'INFO', obstacle, label }) => (
          <button
            key={key}
            type="button"
            class={`marker ${severity.toLowerCase()}`}
            style={{ left: left(capturedAt) }}
            title={`${severity}: ${wordsFor(obstacle ?? label)}, ${clockOf(capturedAt)}`}
            onClick={() => onSeek(capturedAt - 2000)}
          >
            <span class="unseen">
              {severity}: {wordsFor(obstacle ?? label)}, {clockOf(capturedAt)}
            </span>
          </button>
        ))}
      </div>
      <div class="scale" aria-hidden="true">
        {ticksOf(window)
          .filter(hasRoom)
          .map((tick) => (
            <span key={tick} style={{ left: left(tick) }}>
              {clockOf(tick).slice(0, 5)}
            </span>
          ))}
      </div>
    </div>
  );
}

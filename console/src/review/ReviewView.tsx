import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Alert } from '../alerts/merge';
import { statusOf, wordsOf } from '../api/problem';
import { serverNow } from '../clock';
import { dayAndClockOf } from '../ui/format';
import { Icon } from '../ui/icons';
import { useShortcut } from '../ui/keys';
import { Clip } from './Clip';
import { openPlayer, type Player } from './player';
import { openPlayback, readAlerts, readParts } from './recording';
import { Timeline } from './Timeline';
import { HOUR, type Span } from './window';
import { WindowForm } from './WindowForm';

type Playback = { readonly state: 'opening' | 'ready' } | { readonly state: 'failed'; readonly words: string };

export function ReviewView({ device, camera }: { device: string; camera?: string }): JSX.Element {
  const [window, setWindow] = useState<Span>(() => ({ from: serverNow() - HOUR / 4, to: serverNow() }));
  const [parts, setParts] = useState<readonly Span[]>([]);
  const [alerts, setAlerts] = useState<readonly Alert[]>([]);
  const [playback, setPlayback] = useState<Playback>({ state: 'opening' });
  const [hint, setHint] = useState<string>();
  const [moment, setMoment] = useState<number>();
  const [isPlaying, setPlaying] = useState(false);
  const [clip, setClip] = useState<Span>();
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<Player | undefined>(undefined);

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    setPlayback({ state: 'opening' });
    setParts([]);
    setAlerts([]);
    setMoment(undefined);
    setClip(undefined);
    const fail = (words: string) => signal.aborted || setPlayback({ state: 'failed', words });
    void (async () => {
      const { url } = await openPlayback(device, camera, window, signal);
      const events = { onFailure: fail, onReady: () => signal.aborted || setPlayback({ state: 'ready' }) };
      const opened = await openPlayer(video.current!, url, events);
      if (signal.aborted) return opened.close();
      player.current = opened;
      void video.current!.play().catch(() => undefined);
    })().catch((error: unknown) =>
      fail(statusOf(error) === 404 ? 'Nothing is recorded in this time.' : wordsOf(error)),
    );
    void readParts(device, camera, window, setParts, signal).then((why) => signal.aborted || setHint(why));
    void readAlerts(device, window, signal).then((found) => signal.aborted || setAlerts(found));
    return () => {
      stop.abort();
      player.current?.close();
      player.current = undefined;
    };
  }, [device, camera, window]);

  const seek = (to: number) => {
    const within = Math.min(window.to, Math.max(window.from, to));
    player.current?.seek(within);
    setMoment(within);
  };
  const toggle = () =>
    void (video.current!.paused ? video.current!.play().catch(() => undefined) : video.current!.pause());
  const isReady = playback.state === 'ready';
  useShortcut(['ArrowLeft'], () => seek((player.current?.moment() ?? window.from) - 5000), isReady);
  useShortcut(['ArrowRight'], () => seek((player.current?.moment() ?? window.from) + 5000), isReady);

  return (
    <div class="review">
      <WindowForm window={window} onWindow={setWindow} />
      <div class={`screen ${playback.state}`}>
        <video
          ref={video}
          muted
          playsInline
          aria-label={`Recording of ${device}`}
          onTimeUpdate={() => setMoment(player.current?.moment())}
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
        />
        {playback.state !== 'ready' && (
          <div class="veil" role="status">
            <p>{playback.state === 'failed' ? playback.words : 'Opening the recording …'}</p>
            {playback.state === 'failed' && (
              <button type="button" class="primary" onClick={() => setWindow({ ...window })}>
                Open again
              </button>
            )}
          </div>
        )}
      </div>
      <div class="player-bar">
        <button type="button" disabled={!isReady} onClick={toggle}>
          <Icon name={isPlaying ? 'pause' : 'play'} />
          {isPlaying ? 'Pause' : 'Play'}
        </button>
        <time class="moment-shown">{moment === undefined ? '–' : dayAndClockOf(moment)}</time>
        {clip === undefined && (
          <Clip device={device} camera={camera} window={window} moment={moment} span={clip} onSpan={setClip} />
        )}
      </div>
      <Timeline window={window} parts={parts} alerts={alerts} moment={moment} clip={clip} onSeek={seek} />
      {hint && <p class="note">{hint}</p>}
      {clip && <Clip device={device} camera={camera} window={window} moment={moment} span={clip} onSpan={setClip} />}
    </div>
  );
}

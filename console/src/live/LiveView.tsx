import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useNow } from '../ui/use-now';
import { control } from '../control/control';
import { useStore } from '../store';
import { bitrateOf, countdownOf } from '../ui/format';
import { Boxes } from './Boxes';
import { LiveSession, type Live } from './session';

const WORDS = { connecting: 'Connecting …', live: 'Live', reconnecting: 'Connecting again …', ended: 'Ended' } as const;

export function LiveView({ device, camera }: { device: string; camera?: string }): JSX.Element {
  const [round, setRound] = useState(0);
  return <Watch key={round} device={device} camera={camera} onAgain={() => setRound(round + 1)} />;
}

interface WatchProps {
  readonly device: string;
  readonly camera?: string;
  readonly onAgain: () => void;
}

function Watch({ device, camera, onAgain }: WatchProps): JSX.Element {
  const [session] = useState(() => {
    const isInControl = () => control.get().state === 'held' && control.get().device === device;
    return new LiveSession(device, camera, isInControl);
  });
  const live = useStore(session.live);
  const video = useRef<HTMLVideoElement>(null);
  const [size, setSize] = useState({ width: 16, height: 9 });
  useEffect(() => () => session.stop(), [session]);
  useEffect(() => {
    const element = video.current!;
    element.srcObject = live.stream ?? null;
    if (live.stream) void element.play().catch(() => undefined);
  }, [live.stream]);

  return (
    <div class="live">
      <div class={`screen ${live.state}`}>
        <video
          ref={video}
          muted
          playsInline
          autoplay
          aria-label={`Live video of ${device}`}
          onResize={({ currentTarget: { videoWidth, videoHeight } }) =>
            videoWidth > 0 && setSize({ width: videoWidth, height: videoHeight })
          }
        />
        {live.state === 'live' && <Boxes device={device} camera={camera} {...size} />}
        <p class={`state ${live.state}`} role="status">
          <span class="dot" aria-hidden="true" />
          {WORDS[live.state]}
        </p>
        {live.state !== 'live' && (
          <div class="veil">
            {live.words ? <p>{live.words}</p> : <p>Asking the device for video …</p>}
            {live.state === 'ended' && (
              <button type="button" class="primary" onClick={onAgain}>
                Watch on
              </button>
            )}
          </div>
        )}
      </div>
      <FactBar live={live} isKept={useStore(control, (now) => now.state === 'held' && now.device === device)} />
    </div>
  );
}

const LATENCY = 'Half of the round trip, the jitter buffer and the decoding; not what the camera and the screen take.';

function FactBar({ live: { state, facts, expiresAt }, isKept }: { live: Live; isKept: boolean }): JSX.Element {
  const now = useNow(1000);
  const isLive = state === 'live';
  return (
    <dl class="facts">
      <div title={LATENCY}>
        <dt>Latency</dt>
        <dd>{isLive && facts?.latency !== undefined ? `${Math.round(facts.latency)} ms` : '–'}</dd>
      </div>
      <div>
        <dt>Bitrate</dt>
        <dd>{isLive && facts ? bitrateOf(facts.bitsPerSecond) : '–'}</dd>
      </div>
      <div>
        <dt>Picture</dt>
        <dd>
          {isLive && facts?.width ? `${facts.width} × ${facts.height}, ${Math.round(facts.framesPerSecond)} fps` : '–'}
        </dd>
      </div>
      <div>
        <dt>Session</dt>
        <dd>{!isLive || !expiresAt ? '–' : isKept ? 'Goes on' : countdownOf(expiresAt - now)}</dd>
      </div>
    </dl>
  );
}

import type Hls from 'hls.js';
import type { Piece } from './time';
import { momentOf, videoTimeOf } from './time';

export interface Player {
  /** When what is shown now was filmed, in milliseconds since 1970. */
  moment(): number | undefined;
  seek(moment: number): void;
  close(): void;
}

export interface PlayerEvents {
  readonly onFailure: (words: string) => void;
  readonly onReady: () => void;
}

/** Plays a recording, by the browser itself where it can't by a script. */
export async function openPlayer(video: HTMLVideoElement, url: string, events: PlayerEvents): Promise<Player> {
  const { default: HlsPlayer } = await import('hls.js/light');
  return HlsPlayer.isSupported()
    ? byScript(new HlsPlayer(settings), video, url, events)
    : byBrowser(video, url, events);
}

// A worker would come from a blob, which the content security policy forbids.
const settings = { enableWorker: false, backBufferLength: 60, maxBufferLength: 30 };

function byScript(hls: Hls, video: HTMLVideoElement, url: string, { onFailure, onReady }: PlayerEvents): Player {
  let pieces: Piece[] = [];
  let wanted: number | undefined;
  const seek = (moment: number) => {
    const time = videoTimeOf(moment, pieces);
    if (time === undefined) wanted = moment;
    else video.currentTime = Math.min(time, Math.max(0, video.duration - 0.1) || time);
  };
  const { Events, ErrorTypes } = hls.constructor as typeof Hls;
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
    pieces = details.fragments.flatMap(({ start, duration, programDateTime: at }) =>
      at === null ? [] : [{ start, duration, at }],
    );
    onReady();
    if (wanted !== undefined) seek(wanted);
    wanted = undefined;
  });
  let recoveries = 0;
  hls.on(Events.ERROR, (_, { fatal, type, response }) => {
    if (!fatal) return;
    if (type === ErrorTypes.MEDIA_ERROR && recoveries++ < 2) return hls.recoverMediaError();
    const isEmpty = response?.code === 404;
    onFailure(isEmpty ? 'Nothing is recorded here.' : 'The recording can’t be played on. Open it again.');
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { moment: () => momentOf(video.currentTime, pieces), seek, close: () => hls.destroy() };
}

/** Safari's element has the date at which its time 0 is. */
function byBrowser(video: HTMLVideoElement, url: string, { onFailure, onReady }: PlayerEvents): Player {
  const dated = video as HTMLVideoElement & { getStartDate?(): Date };
  const zero = () => dated.getStartDate?.().getTime();
  video.addEventListener('loadedmetadata', onReady, { once: true });
  video.addEventListener('error', () => onFailure('The recording can’t be played.'), { once: true });
  video.src = url;
  return {
    moment: () => {
      const start = zero();
      return start === undefined || Number.isNaN(start) ? undefined : start + 1000 * video.currentTime;
    },
    seek: (moment) => {
      const start = zero();
      if (start !== undefined && !Number.isNaN(start)) video.currentTime = Math.max(0, (moment - start) / 1000);
    },
    close: () => {
      video.removeAttribute('src');
      video.load();
    },
  };
}

import { middles, timeOf, PATTERN } from '../../../local/drone/time-pattern';
import { wallClock } from '../wall-clock';

/** A frame on the screen. Times are in milliseconds since 1970. */
export interface ShownFrame {
  readonly shownAt: number;
  /** What its blocks say, if they can be read. */
  readonly time?: number;
}

const BLOCK = 8;

const canvas = document.createElement('canvas');
canvas.width = PATTERN.columns * BLOCK;
canvas.height = PATTERN.rows * BLOCK;
const context = canvas.getContext('2d', { willReadFrequently: true })!;

/** The moment in the picture that a video shows. */
function readTime(video: HTMLVideoElement): number | undefined {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0) return undefined;
  const strip = PATTERN.share * videoHeight;
  context.drawImage(video, 0, 0, videoWidth, strip, 0, 0, canvas.width, canvas.height);
  const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
  const blocks = middles().map(({ x, y }) => {
    const column = Math.floor(x * canvas.width);
    const row = Math.floor((y / PATTERN.share) * canvas.height);
    return data[4 * (row * width + column) + 1] > 127;
  });
  return timeOf(blocks);
}

/** The next frames of a video that come to the screen. */
function watch(video: HTMLVideoElement, count: number): Promise<ShownFrame[]> {
  return new Promise((resolve) => {
    const frames: ShownFrame[] = [];
    const see = (_: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
      frames.push({ shownAt: wallClock.of(expectedDisplayTime), time: readTime(video) });
      if (frames.length === count) resolve(frames);
      else video.requestVideoFrameCallback(see);
    };
    video.requestVideoFrameCallback(see);
  });
}

const shown = new Map<string, number>();

/** Notes when elements that match are drawn for the first time, by an attribute. */
function watchFor(selector: string, attribute: string): void {
  const look = () => {
    for (const element of document.querySelectorAll(selector)) {
      const text = element.getAttribute(attribute);
      if (text === null || shown.has(text)) continue;
      shown.set(text, NaN);
      // What is done in the next frame is followed by its drawing, and that by a message.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => shown.set(text, wallClock.now());
        port2.postMessage(undefined);
      });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributeFilter: [attribute] });
}

/** When what was watched for was drawn, in milliseconds since 1970. */
const timesShown = () => Object.fromEntries([...shown].filter(([, time]) => !Number.isNaN(time)));

const helpers = { readTime, timesShown, watch, watchFor };

declare global {
  /** For functions that run in pages. */
  var inPage: typeof helpers;
}

globalThis.inPage = helpers;

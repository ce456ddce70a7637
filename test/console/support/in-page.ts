import { middles, timeOf, PATTERN } from '../time-pattern';

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
      frames.push({ shownAt: performance.timeOrigin + expectedDisplayTime, time: readTime(video) });
      if (frames.length === count) resolve(frames);
      else video.requestVideoFrameCallback(see);
    };
    video.requestVideoFrameCallback(see);
  });
}

/** Notes when elements that match come to the screen, by the first attribute or text that the caller takes of them. */
function watchFor(selector: string): { readonly shown: Map<string, number> } {
  const shown = new Map<string, number>();
  const seen = new WeakSet<Element>();
  const look = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (seen.has(element)) continue;
      seen.add(element);
      const text = element.textContent ?? '';
      // In the task after the frame is drawn.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => shown.set(text, performance.timeOrigin + performance.now());
        port2.postMessage(undefined);
      });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  look();
  return { shown };
}

const helpers = { readTime, watch, watchFor };

export type InPage = typeof helpers;

Object.assign(globalThis, { inPage: helpers });

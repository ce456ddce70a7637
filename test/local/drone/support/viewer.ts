import { connect } from '../../../../console/src/live/connect';
import type { LiveAnswer } from '../../../../console/src/api/types';

/** Watches a device as the console does. */
async function watchDevice(live: LiveAnswer): Promise<void> {
  const { stream } = await connect(live, new AbortController().signal);
  const video = document.querySelector('video')!;
  video.srcObject = stream;
  await video.play();
}

declare global {
  var viewer: { watchDevice: typeof watchDevice };
}

globalThis.viewer = { watchDevice };

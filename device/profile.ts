/** How a camera encodes. */
export interface Profile {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly kilobitsPerSecond: number;
  /** Of H.264. Neither has B-frames here: https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/hls-playback.html */
  readonly h264: 'constrained-baseline' | 'main';
}

export const PROFILES = {
  '720p': { width: 1280, height: 720, framesPerSecond: 30, kilobitsPerSecond: 2000, h264: 'constrained-baseline' },
  '1080p': { width: 1920, height: 1080, framesPerSecond: 30, kilobitsPerSecond: 4000, h264: 'main' },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;

/** Shorter ones cost more, and with longer ones a viewer is far behind. In seconds. */
export const FRAGMENT_SECONDS = { min: 2, max: 10, default: 2 };

/** How a device's streams are to be. */
export interface KitOptions {
  readonly profile: ProfileName;
  readonly fragmentSeconds: number;
  /**
   * Where each camera's pictures come from, in the order of the streams: a URL of RTSP, whose camera encodes by itself, or
   * what GStreamer has as the beginning of a pipeline of raw video.
   */
  readonly sources: string[];
}

/** What an analyser of frames tells the function that runs it. */
export interface AnalyserBinding {
  /** What `analyserSettings` in `lambda/image-detector` parses. */
  readonly settings: { readonly kind: string } & Record<string, unknown>;
  /** How many calls a second all invocations may make together, unless the detector is told. @default - as many as there are frames */
  readonly callsPerSecond?: number;
}

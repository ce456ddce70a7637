declare module 'pipe2jpeg' {
  type Transform = import('node:stream').Transform;

  /** Emits `jpeg` for each picture of what is written to it. */
  const Pipe2Jpeg: new () => Omit<Transform, 'on'> &
    NodeJS.WritableStream & { on(event: 'jpeg', listener: (jpeg: Buffer) => void): unknown };
  export default Pipe2Jpeg;
}

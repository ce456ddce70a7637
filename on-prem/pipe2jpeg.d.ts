declare module 'pipe2jpeg' {
  /** Emits `jpeg` for each picture of what is written to it. */
  const Pipe2Jpeg: new () => NodeJS.ReadWriteStream & { on(event: 'jpeg', listener: (jpeg: Buffer) => void): unknown };
  export default Pipe2Jpeg;
}

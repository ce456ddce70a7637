/** Bundled as it is. */
declare module '*.mkv' {
  const content: Uint8Array;
  export default content;
}

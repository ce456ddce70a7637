/** The build without subtitles, several audio tracks and DRM, none of which recordings of cameras have. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}

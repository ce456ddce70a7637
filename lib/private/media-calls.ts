/** The pieces that a player fetches within a session, whose opening is an event of its own. */
export const PLAYBACK_PIECES = [
  'GetDASHManifest',
  'GetHLSMasterPlaylist',
  'GetHLSMediaPlaylist',
  'GetMP4InitFragment',
  'GetMP4MediaFragment',
  'GetTSFragment',
];

/** How media leaves a stream or a channel. */
export const MEDIA_READS = [
  'ConnectAsViewer',
  'GetClip',
  'GetDASHStreamingSessionURL',
  'GetHLSStreamingSessionURL',
  'GetImages',
  'GetMedia',
  'GetMediaForFragmentList',
  'JoinStorageSessionAsViewer',
];

/** How media gets there. */
export const MEDIA_WRITES = ['ConnectAsMaster', 'JoinStorageSession', 'PutMedia'];

/** What brings an object into a bucket, which happens with each frame. */
export const UPLOADS = ['CompleteMultipartUpload', 'CreateMultipartUpload', 'PutObject', 'UploadPart'];

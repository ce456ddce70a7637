export * from './stream/image-generation';
export * from './stream/stream-notifications';
export * from './stream/video-stream';
export * from './stream/video-stream-grants';
export * from './signaling/media-storage';
export * from './signaling/signaling-channel';
export * from './signaling/signaling-channel-grants';

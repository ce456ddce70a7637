export * from './stream/video-stream';
export * from './stream/video-stream-grants';

// A CommonJS module that is loaded late would come as a default export without names.
export { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';

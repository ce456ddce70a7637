/**
 * The properties of kvssink: `src/gstreamer/gstkvssink.cpp` of awslabs/amazon-kinesis-video-streams-producer-sdk-cpp,
 * version 3.6.0, commit a6efdf5d2fe1fcc5be85048a0c1b6a90ab80ff72; `name` is one of every element.
 */
export const KVSSINK_PROPERTIES = `
  name stream-name user-agent retention-period streaming-type content-type max-latency fragment-duration timecode-scale
  key-frame-fragmentation frame-timecodes absolute-fragment-times fragment-acks restart-on-error recalculate-metrics framerate
  avg-bandwidth-bps buffer-duration replay-duration connection-staleness codec-id track-name access-key secret-key session-token
  aws-region rotation-period log-config storage-size stop-stream-timeout connection-timeout completion-timeout credential-path
  iot-certificate stream-tags file-start-time disable-buffer-clipping use-original-pts get-kvs-metrics allow-create-stream`
  .trim()
  .split(/\s+/);

/** What it accepts for video: the template of its pads in the same file. */
export const KVSSINK_CAPS = 'video/x-h264,stream-format=avc,alignment=au,width=[16,2147483647],height=[16,2147483647]';

/** The fields of `iot-certificate`, all of them texts: `src/gstreamer/Util/KvsSinkUtil.h` and `.cpp` of the same. */
export const IOT_CERTIFICATE_FIELDS = {
  required: ['endpoint', 'cert-path', 'key-path', 'ca-path', 'role-aliases'],
  optional: ['iot-thing-name', 'connection-timeout', 'completion-timeout'],
};

/**
 * The environment of the sample: `samples/Samples.h` of awslabs/amazon-kinesis-video-streams-webrtc-sdk-c (read with the
 * CMake option `IOT_CORE_ENABLE_CREDENTIALS`), and `Include.h` of its library for the last three.
 */
export const WEBRTC_VARIABLES = [
  'AWS_IOT_CORE_CREDENTIAL_ENDPOINT',
  'AWS_IOT_CORE_CERT',
  'AWS_IOT_CORE_PRIVATE_KEY',
  'AWS_IOT_CORE_ROLE_ALIAS',
  'AWS_IOT_CORE_THING_NAME',
  'AWS_IOT_CORE_CERTIFICATE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_KVS_CACERT_PATH',
  'AWS_KVS_LOG_LEVEL',
];

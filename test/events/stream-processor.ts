/** The ARN of a video stream, which ends in the time of its creation. */
export function streamArn(name: string): string {
  return `arn:aws:kinesisvideo:eu-west-1:111122223333:stream/${name}/1700000000000`;
}

const PERSON = {
  id: 'aa7a9fdf-8a5b-4e0c-8bb7-3a4f65a7e1d1',
  name: 'PERSON',
  // Told of in the text, and missing in the form.
  confidence: 97.25,
  frameImageUri: 's3://amzn-s3-demo-bucket/labels/detector-1/session-1/frames/1.jpg',
  croppedImageUri: 's3://amzn-s3-demo-bucket/labels/detector-1/session-1/crops/1.jpg',
  videoMapping: {
    kinesisVideoMapping: {
      fragmentNumber: '91343852333181726506225535436400018232613112322',
      serverTimestamp: 1_795_514_401_250,
      producerTimestamp: 1_795_514_400_000,
      frameOffsetMillis: 666,
    },
  },
  boundingBox: { left: 0.25, top: 0.125, height: 0.5, width: 0.25 },
};

/**
 * What a label detector tells its topic, as a queue gets it with raw delivery: the form is AWS's, the values are not.
 * https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-detection.html
 */
export function labelDetected(name = 'drone-1', ...labels: object[]) {
  return {
    inputInformation: { kinesisVideo: { streamArn: streamArn(name) } },
    eventNamespace: { type: 'LABEL_DETECTED' },
    labels: labels.length > 0 ? labels : [PERSON],
    eventId: '5d2e8b4c-3f0e-4f39-9d0a-1f6e0c6f7a10',
    tags: {},
    sessionId: 'c0a5d1b2-7b7e-4c55-9a53-0c6d3f1a2b3c',
    startStreamProcessorRequest: {
      name: 'detector-1',
      startSelector: { kVSStreamStartSelector: { producerTimestamp: 1_795_514_400_000 } },
      stopSelector: { maxDurationInSeconds: 30 },
    },
  };
}

/** One of the labels, a person unless told. */
export function seen(change: object = {}) {
  return { ...PERSON, ...change };
}

/**
 * What a label detector tells its topic at the end of a session.
 * https://docs.aws.amazon.com/rekognition/latest/dg/streaming-labels-detection.html
 */
export function processingComplete(name = 'drone-1') {
  return {
    inputInformation: { kinesisVideo: { streamArn: streamArn(name), processedVideoDurationMillis: 30_480 } },
    eventNamespace: { type: 'STREAM_PROCESSING_COMPLETE' },
    streamProcessingResults: { message: 'Stream Processing Success.' },
    eventId: '0b8c4a1e-66ef-4b0d-8b64-7ad3b7f3c9d4',
    tags: {},
    sessionId: 'c0a5d1b2-7b7e-4c55-9a53-0c6d3f1a2b3c',
    startStreamProcessorRequest: {},
  };
}

/** A face in a frame, and which ones of the collection it is like. */
export function faceSeen(...matches: object[]) {
  return {
    DetectedFace: {
      BoundingBox: { Height: 0.25, Width: 0.125, Left: 0.5, Top: 0.375 },
      Confidence: 99.5,
      Landmarks: [{ X: 0.4452057, Y: 0.4395594, Type: 'eyeLeft' }],
      Pose: { Pitch: 2.9691637, Roll: -6.8904796, Yaw: 23.84388 },
      Quality: { Brightness: 40.592964, Sharpness: 96.09616 },
    },
    MatchedFaces: matches,
  };
}

/** A match with a face of the collection. */
export function match(externalImageId?: string, similarity = 88.5, faceId = 'ed1b560f-d6af-5158-989a-ff586c931545') {
  return {
    Similarity: similarity,
    Face: {
      BoundingBox: { Height: 0.557692, Width: 0.749838, Left: 0.103426, Top: 0.206731 },
      FaceId: faceId,
      Confidence: 99.999201,
      ImageId: '70e09693-2114-57e1-807c-50b6d61fa4dc',
      ExternalImageId: externalImageId,
    },
  };
}

/**
 * What a face search writes for each frame that it looked at, most often without faces. Times are in seconds.
 * https://docs.aws.amazon.com/rekognition/latest/dg/streaming-video-kinesis-output.html
 */
export function faceRecord(faces: object[] | undefined, video: object = {}) {
  return {
    InputInformation: {
      KinesisVideo: {
        StreamArn: streamArn('drone-1'),
        FragmentNumber: '91343852333289682796718532614445757584843717598',
        ServerTimestamp: 1_795_514_400.455,
        ProducerTimestamp: 1_795_514_400.193,
        FrameOffsetInSeconds: 1.5,
        ...video,
      },
    },
    StreamProcessorInformation: { Status: 'RUNNING' },
    FaceSearchResponse: faces,
  };
}

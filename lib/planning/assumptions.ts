import { bytes } from './units';

/** What a plan takes for granted of how the parts of a fleet work. `docs/plan.md` lists it. */
export const ASSUMED = {
  /** Messages of a queue that an invocation works off. */
  messagesPerBatch: 10,
  /** Seconds in which a frame is analysed, for which its invocation waits. */
  secondsPerAnalysis: 1,
  /** Seconds of an invocation that waits for nothing but tables, queues and topics. */
  secondsPerInvocation: 0.1,
  /** GB of memory that functions have. */
  memoryGb: 0.25,
  /** What an invocation logs. */
  logPerInvocation: bytes(1024),
  /** Requests of a queue for each message beside those for its batch: it is sent. */
  sendsPerMessage: 1,
  /** Requests of a queue for each batch: it is received and deleted. */
  requestsPerBatch: 2,
  /** Writes and reads of tables for an alert: its rule, its pause, its history. */
  writesPerAlert: 4,
  readsPerAlert: 2,
  /** Writes for a message of a device: the sightings of its rule, the gate. */
  writesPerMessage: 1,
  /** Seconds after which Kinesis Video Streams asks for the key of a stream again, and devices for their endpoint. */
  secondsPerKey: 45 * 60,
  /** Queues of a cell, and how often the key of each is used in a month: by one who sends, twice, and one who receives, each 5 minutes. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
  queuesPerCell: 5,
  keyUsesPerQueue: (30 * 86_400 * 3) / 300,
  /** Seconds for which a person may watch before the session ends. */
  secondsPerSession: 15 * 60,
  /** Messages by which the two sides of a live session find each other: an offer, an answer, candidates. */
  messagesPerSession: 20,
  /** Seconds after which a master must connect to its channel again. */
  secondsPerMaster: 60 * 60,
  /** Calls of the API in an hour of watching. */
  callsPerViewerHour: 60,
  /** Files of the console that a person fetches on a day. */
  filesPerViewerDay: 20,
  /** Calls about a thing when it registers. */
  registryCallsPerDevice: 5,
  /** Metrics that the functions of a cell emit, and its alarms. */
  metricsPerCell: 50,
  alarmsPerCell: 15,
} as const;

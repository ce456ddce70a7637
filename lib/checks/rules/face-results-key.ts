import { finding, type Rule } from '../rule';

export const faceResultsKey: Rule = {
  id: 'FaceResultsKey',
  severity: 'error',
  title: 'The results of a face search are not encrypted',
  why: 'The records say who was seen where and when, and have the vectors of the faces. A data stream of Kinesis is not encrypted unless told to be.',
  fix: 'Set StreamEncryption of the data stream to KMS, with a key of the account.',
  unseen: 'Data streams of other stacks.',
  link: 'https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html',
  *check(template) {
    for (const processor of template.all('AWS::Rekognition::StreamProcessor')) {
      for (const stream of template.referred(processor.properties.KinesisDataStream, 'AWS::Kinesis::Stream')) {
        if (!stream.properties.StreamEncryption) yield finding(stream, 'Properties.StreamEncryption');
      }
    }
  },
};

import { finding, type Rule } from '../rule';
import { isKnown } from '../values';

export const streamKey: Rule = {
  id: 'StreamKey',
  severity: 'error',
  title: 'A stream is encrypted with the key that AWS manages',
  why: 'The key `aws/kinesisvideo` has no policy of your own: who reads media is decided by permissions on the stream alone, another account can never be let in, and the key can be neither disabled nor audited by itself. The key of a stream can not be changed later.',
  fix: 'Set KmsKeyId to a key of the account.',
  unseen: 'Which key a parameter stands for.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html',
  *check(template) {
    for (const stream of template.all('AWS::KinesisVideo::Stream')) {
      const { KmsKeyId: key } = stream.properties;
      if (key === undefined || (isKnown(key) && /alias\/aws\/kinesisvideo$/.test(key))) {
        yield finding(stream, 'Properties.KmsKeyId');
      }
    }
  },
};

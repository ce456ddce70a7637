import { settings } from '../kinds';
import { finding, type Rule } from '../rule';
import { covers } from '../policies';
import type { CheckedTemplate, Resource } from '../template';

/** What works on media that is kept. */
const READS = ['GetClip', 'GetDASHStreamingSessionURL', 'GetHLSStreamingSessionURL', 'GetImages', 'ListFragments'];

export const streamRetention: Rule = {
  id: 'StreamRetention',
  severity: 'error',
  title: 'A stream keeps no media, but something needs it',
  why: 'With a retention of 0, which is the default, playback (HLS, DASH), clips, images, notifications and WebRTC ingestion fail, and they do so at run time only.',
  fix: 'Set DataRetentionInHours to 1 at least.',
  unseen: 'Policies in other stacks, and policies that name no stream of the template.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-data.html',
  *check(template) {
    for (const stream of template.all('AWS::KinesisVideo::Stream')) {
      if (Number(stream.properties.DataRetentionInHours ?? 0) !== 0) continue;
      const need = needs(template, stream);
      if (need) yield finding(stream, 'Properties.DataRetentionInHours', need);
    }
  },
};

function needs(template: CheckedTemplate, stream: Resource): string | undefined {
  const isMeant = (value: unknown) => template.referred(value, stream.type).includes(stream);
  const setting = ['MediaStorage', 'ImageGeneration', 'Notification'].find((what) =>
    settings(template, what).some(({ properties }) => isMeant(properties)),
  );
  if (setting) return setting;
  const allowed = template.statements.filter(({ effect, rawResources }) => effect === 'Allow' && isMeant(rawResources));
  return READS.find((action) => allowed.some((statement) => covers(statement, `kinesisvideo:${action}`)));
}

import { finding, type Rule } from '../rule';

/** `*`, and whatever has nothing but a wildcard for the name, like `…:stream/*` and `…:channel/*\/*`. */
const ALL = /^\*$|:kinesisvideo:[^:]*:[^:]*:(\*|(\*|stream|channel)\/\*)/;

/** Those that can be on `*` only, and those that tell settings and tags, also before there is a resource with tags. */
const HARMLESS =
  /^kinesisvideo:(ListStreams|ListSignalingChannels|ListEdgeAgentConfigurations|Describe\w+|ListTagsFor\w+)$/i;

export const allResources: Rule = {
  id: 'AllResources',
  severity: 'error',
  title: 'A policy allows actions on all streams or channels',
  why: 'Whoever has it reaches the media of every camera in the account, those of other applications included.',
  fix: 'Name the streams and channels, or set a condition on their tags (aws:ResourceTag/…, aws:RequestTag/…).',
  unseen:
    'Actions that only list or describe. Whether a condition is narrow enough: any will do. Policies of `NotResource`.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-iam.html',
  *check(template) {
    for (const { effect, actions, resources, conditions, resource, location } of template.statements) {
      const wide = actions.filter((action) => /^kinesisvideo:/i.test(action) && !HARMLESS.test(action));
      if (effect === 'Deny' || wide.length === 0 || Object.keys(conditions).length > 0) continue;
      if (resources.some((arn) => ALL.test(arn))) yield finding(resource, location, wide.join(', '));
    }
  },
};

import { finding, type Rule } from '../rule';

export const viewerIsMaster: Rule = {
  id: 'ViewerIsMaster',
  severity: 'error',
  title: 'A role may be both viewer and master of signaling channels',
  why: 'A channel has one master at a time: a viewer that may connect as master takes the place of the camera, and shows the other viewers what it likes.',
  fix: 'Give ConnectAsMaster to devices only, and ConnectAsViewer to viewers only.',
  unseen: 'Whether both are about the same channel. Actions with wildcards are a finding of WildcardActions.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-how-iam.html',
  *check(template) {
    for (const role of template.all('AWS::IAM::Role')) {
      const allowed = template.allowedTo(role);
      const as = (side: string) =>
        allowed.find(({ actions }) =>
          actions.some((action) => action.toLowerCase() === `kinesisvideo:connectas${side}`),
        );
      const master = as('master');
      if (master && as('viewer')) yield finding(master.resource, master.location);
    }
  },
};

import { settings } from '../kinds';
import { finding, type Rule } from '../rule';

const SIDES = [
  ['ConnectAsMaster', 'JoinStorageSession'],
  ['ConnectAsViewer', 'JoinStorageSessionAsViewer'],
];

export const mediaStoragePeers: Rule = {
  id: 'MediaStoragePeers',
  severity: 'error',
  title: 'A channel stores its sessions, but those who connect expect each other',
  why: 'With media storage on, master and viewers no longer exchange media with each other but with the storage session. Who may connect but not join that session gets a connection without a picture.',
  fix: 'Turn media storage off for a channel that is for peer-to-peer, and record with PutMedia beside it; or allow JoinStorageSession and JoinStorageSessionAsViewer.',
  unseen: 'Policies in other stacks, and settings that are made by the API.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html',
  *check(template) {
    for (const setting of settings(template, 'MediaStorage')) {
      for (const channel of template.referred(setting.properties, 'AWS::KinesisVideo::SignalingChannel')) {
        const allowed = template.statements
          .filter(({ rawResources }) => template.referred(rawResources, channel.type).includes(channel))
          .flatMap(({ effect, actions }) => (effect === 'Allow' ? actions : []));
        const peers = SIDES.filter(
          ([connect, join]) => allowed.includes(`kinesisvideo:${connect}`) && !allowed.includes(`kinesisvideo:${join}`),
        );
        if (peers.length > 0) yield finding(setting, 'Properties', peers.map(([connect]) => connect).join(', '));
      }
    }
  },
};

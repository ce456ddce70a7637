import type { Rule } from '../rule';
import { allResources } from './all-resources';
import { anonymousViewers } from './anonymous-viewers';
import { authorizerSigning } from './authorizer-signing';
import { claimPolicy } from './claim-policy';
import { deviceConnect } from './device-connect';
import { devicePrefix } from './device-prefix';
import { deviceRoleAlias } from './device-role-alias';
import { deviceRoleScope } from './device-role-scope';
import { deviceRoleTrust } from './device-role-trust';
import { deviceTopics } from './device-topics';
import { endpointWebRtc } from './endpoint-webrtc';
import { faceResultsKey } from './face-results-key';
import { hotRetention } from './hot-retention';
import { iotRoleTrust } from './iot-role-trust';
import { labelResultsKey } from './label-results-key';
import { mediaBucketKey } from './media-bucket-key';
import { mediaBucketPublic } from './media-bucket-public';
import { mediaBucketTls } from './media-bucket-tls';
import { mediaLeavesRegion } from './media-leaves-region';
import { mediaRemoval } from './media-removal';
import { mediaStoragePeers } from './media-storage-peers';
import { processorDataSharing } from './processor-data-sharing';
import { processorRoleTrust } from './processor-role-trust';
import { provisioningHook } from './provisioning-hook';
import { provisioningRole } from './provisioning-role';
import { ruleErrorAction } from './rule-error-action';
import { streamKey } from './stream-key';
import { streamRetention } from './stream-retention';
import { topicOpen } from './topic-open';
import { topicTls } from './topic-tls';
import { viewerIsMaster } from './viewer-is-master';
import { wildcardActions } from './wildcard-actions';

/** All rules, in the order of their documentation. */
export const RULES: readonly Rule[] = [
  streamKey,
  streamRetention,
  hotRetention,
  mediaRemoval,
  wildcardActions,
  allResources,
  viewerIsMaster,
  anonymousViewers,
  deviceConnect,
  deviceTopics,
  deviceRoleAlias,
  devicePrefix,
  deviceRoleScope,
  deviceRoleTrust,
  iotRoleTrust,
  claimPolicy,
  provisioningHook,
  provisioningRole,
  ruleErrorAction,
  authorizerSigning,
  mediaStoragePeers,
  endpointWebRtc,
  processorDataSharing,
  processorRoleTrust,
  labelResultsKey,
  faceResultsKey,
  mediaBucketPublic,
  mediaBucketTls,
  mediaBucketKey,
  mediaLeavesRegion,
  topicOpen,
  topicTls,
];

import { covers } from '../policies';
import { finding, type Rule } from '../rule';
import type { CheckedTemplate, Resource } from '../template';
import { textOf } from '../values';

const WEBRTC = ['ConnectAsMaster', 'ConnectAsViewer', 'GetIceServerConfig', 'JoinStorageSession'];

export const endpointWebRtc: Rule = {
  id: 'EndpointWebRtc',
  severity: 'error',
  title: 'WebRTC is used in a VPC with an endpoint of Kinesis Video Streams',
  why: 'The private DNS of the endpoint answers for all names of the service, in the whole VPC, but signaling and TURN are not behind it: connections fail.',
  fix: 'Let what uses WebRTC run in a VPC of its own, or outside of one.',
  unseen: 'What is no Lambda function, and functions, subnets and roles of other stacks.',
  link: 'https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/vpc-interface-endpoints.html',
  *check(template) {
    for (const endpoint of template.all('AWS::EC2::VPCEndpoint')) {
      const { ServiceName: service, PrivateDnsEnabled: privateDns, VpcId: vpc } = endpoint.properties;
      if (!/\.kinesisvideo(-fips)?$/.test(textOf(service)) || String(privateDns) === 'false') continue;
      const users = template.all('AWS::Lambda::Function').filter((fn) => isIn(template, fn, textOf(vpc)));
      const names = users.filter((fn) => usesWebRtc(template, fn)).map(({ logicalId }) => logicalId);
      if (names.length > 0) yield finding(endpoint, 'Properties.ServiceName', names.join(', '));
    }
  },
};

function isIn(template: CheckedTemplate, fn: Resource, vpc: string): boolean {
  const subnets = template.referred(fn.properties.VpcConfig?.SubnetIds, 'AWS::EC2::Subnet');
  return subnets.some(({ properties }) => textOf(properties.VpcId) === vpc);
}

function usesWebRtc(template: CheckedTemplate, fn: Resource): boolean {
  const allowed = template.referred(fn.properties.Role, 'AWS::IAM::Role').flatMap((role) => template.allowedTo(role));
  return WEBRTC.some((action) => allowed.some((statement) => covers(statement, `kinesisvideo:${action}`)));
}

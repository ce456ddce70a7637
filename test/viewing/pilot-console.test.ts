import { App, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { DeviceIdentity, PilotConsole, ViewingApi, type PilotConsoleProps, type ViewingApiProps } from '../../lib';
import { codedError } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const DISTRIBUTION = 'AWS::CloudFront::Distribution';
const HEADERS = 'AWS::CloudFront::ResponseHeadersPolicy';
const DEPLOYMENT = 'Custom::CDKBucketDeployment';
const SIGN_IN = { domainPrefix: 'delivery-viewers' };
const ISSUER = { issuerUrl: 'https://login.example.com/pilots', audience: ['console'] };

function consoleIn(stack: Stack, props: Partial<PilotConsoleProps> = {}, viewing: Partial<ViewingApiProps> = {}) {
  const identity = new DeviceIdentity(stack, 'Identity', { cameras: ['front', 'rear'] });
  const api = new ViewingApi(stack, 'Viewing', { fleetName: 'delivery', identity, signIn: SIGN_IN, ...viewing });
  return new PilotConsole(stack, 'Console', { viewing: api, ...props });
}

function templateOf(...given: [Partial<PilotConsoleProps>?, Partial<ViewingApiProps>?]): Template {
  const stack = testStack();
  consoleIn(stack, ...given);
  return Template.fromStack(stack);
}

function policyOf(template: Template): Record<string, string> {
  const [{ Properties }] = Object.values(template.findResources(HEADERS));
  const csp = Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy;
  const [, parts] = csp['Fn::Join'];
  const text: string = parts.map((part: unknown) => (typeof part === 'string' ? part : '<unknown>')).join('');
  return Object.fromEntries(text.split('; ').map((directive) => directive.split(/ (.*)/s, 2) as [string, string]));
}

test('the files are for CloudFront alone, by TLS', () => {
  const template = templateOf();
  template.allResourcesProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: Match.objectLike({ RestrictPublicBuckets: true, BlockPublicPolicy: true }),
  });
  const [distribution] = Object.keys(template.findResources(DISTRIBUTION));
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({
          Action: 's3:GetObject',
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Condition: {
            StringEquals: {
              'AWS:SourceArn': { 'Fn::Join': ['', Match.arrayWith([{ Ref: distribution }])] },
            },
          },
        }),
      ]),
    },
  });
});

test('the API is behind the same name, is asked each time and gets the token', () => {
  const template = templateOf();
  template.hasResourceProperties(DISTRIBUTION, {
    DistributionConfig: {
      DefaultRootObject: 'index.html',
      DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https', ResponseHeadersPolicyId: Match.anyValue() },
      CacheBehaviors: [
        {
          PathPattern: '/v1/*',
          // The policies of CloudFront that cache nothing, and send all but the host.
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
          ViewerProtocolPolicy: 'https-only',
          ResponseHeadersPolicyId: Match.anyValue(),
        },
      ],
      Logging: Match.objectLike({}),
    },
  });
});

test('the page loads nothing but itself, and speaks to those only whom it is for', () => {
  const policy = policyOf(templateOf());
  expect(policy).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
  });
  expect(policy['media-src']).toBe('blob: https://*.kinesisvideo.eu-west-1.<unknown>');
  // The issuer and the pages of Cognito, whose hosts are known at deployment.
  const peers = 'https://<unknown> https://<unknown>';
  const media = 'https://*.kinesisvideo.eu-west-1.<unknown> wss://*.kinesisvideo.eu-west-1.<unknown>';
  expect(policy['connect-src']).toBe(`'self' ${peers} ${media}`);
});

test('without live alerts and a user pool, it speaks to the issuer and to Kinesis Video Streams', () => {
  const policy = policyOf(templateOf({ signIn: { clientId: 'console' } }, { signIn: undefined, issuer: ISSUER }));
  expect(policy['connect-src']).toBe(
    "'self' https://login.example.com https://*.kinesisvideo.eu-west-1.<unknown> wss://*.kinesisvideo.eu-west-1.<unknown>",
  );
});

test('the page is asked for each time, what it names by its content is kept', () => {
  const template = templateOf();
  template.hasResourceProperties(DEPLOYMENT, {
    Include: ['assets/*'],
    Exclude: ['*'],
    SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
    Prune: false,
  });
  template.hasResource(DEPLOYMENT, {
    Properties: { Exclude: ['assets/*'], SystemMetadata: { 'cache-control': 'no-cache' }, Prune: false },
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('ConsoleFilesAssets')]),
  });
});

test('it is an application of the user pool', () => {
  const stack = testStack();
  const { url } = consoleIn(stack);
  const back = [stack.resolve(`${url}/`)];
  Template.fromStack(stack).hasResourceProperties('AWS::Cognito::UserPoolClient', {
    CallbackURLs: back,
    LogoutURLs: back,
  });
});

test('a name of its own needs TLS 1.2', () => {
  const stack = testStack();
  const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/1a2b3c4d';
  const domain = {
    domainName: 'console.example.com',
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', arn),
  };
  expect(consoleIn(stack, { domain }).url).toBe('https://console.example.com');
  Template.fromStack(stack).hasResourceProperties(DISTRIBUTION, {
    DistributionConfig: {
      Aliases: ['console.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: arn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    },
  });
});

test('a web ACL sees all requests', () => {
  const webAclArn = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/console/1a2b3c4d';
  templateOf({ webAclArn }).hasResourceProperties(DISTRIBUTION, { DistributionConfig: { WebACLId: webAclArn } });
  templateOf().hasResourceProperties(DISTRIBUTION, { DistributionConfig: { WebACLId: Match.absent() } });
});

test('names that an account has once have the region in them', () => {
  const template = templateOf();
  const names = [
    ...Object.values(template.findResources(HEADERS)).map((it) => it.Properties.ResponseHeadersPolicyConfig.Name),
    ...Object.values(template.findResources('AWS::CloudFront::OriginAccessControl')).map(
      (it) => it.Properties.OriginAccessControlConfig.Name,
    ),
  ];
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).toMatch(/^Test-Console-.+-eu-west-1$/);
});

test('access logs stay for a year, and when the stack goes', () => {
  templateOf().hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: {
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 365, Status: 'Enabled' }] },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
    },
  });
});

test.each<[string, () => unknown, RegExp]>([
  [
    'ConsoleSignIn',
    () => templateOf({}, { signIn: undefined, issuer: ISSUER }),
    /`signIn` is needed if `viewing` has no user pool/,
  ],
  ['ConsoleSignIn', () => templateOf({ signIn: { clientId: 'console' } }), /must not be given if it has/],
  ['ConsoleSignIn', () => templateOf({}, { signIn: {} }), /give it a `domainPrefix`/],
  [
    'ConsoleWebAcl',
    () => templateOf({ webAclArn: 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/console/1a2b3c4d' }),
    /for CloudFront, which is in us-east-1/,
  ],
])('%s is refused', (code, make, message) => {
  expect(make).toThrow(codedError(code, message, 'Test/Console'));
});

test('an API in another stack is refused', () => {
  const app = new App();
  const api = new Stack(app, 'Api');
  const identity = new DeviceIdentity(api, 'Identity');
  const viewing = new ViewingApi(api, 'Viewing', { fleetName: 'delivery', identity, signIn: SIGN_IN });
  expect(() => new PilotConsole(new Stack(app, 'Other'), 'Console', { viewing })).toThrow(
    codedError('ConsoleStack', /must be in the stack of `viewing`/, 'Other/Console'),
  );
});

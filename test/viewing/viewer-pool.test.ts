import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ViewerPool, type ViewerPoolProps } from '../../lib';
import { codedError } from '../support/fleet';
import { Match, Template, testStack } from '../support/template';

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const CALLBACK = 'https://console.example.com/signed-in';

function templateOf(props: Partial<ViewerPoolProps> = {}): Template {
  const stack = testStack();
  new ViewerPool(stack, 'Viewers', { callbackUrls: [CALLBACK], ...props });
  return Template.fromStack(stack);
}

test('accounts are made by administrators, have a second factor and a good password', () => {
  const template = templateOf();
  template.hasResource(POOL, {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      DeletionProtection: 'ACTIVE',
      UsernameConfiguration: { CaseSensitive: false },
      Policies: {
        PasswordPolicy: {
          MinimumLength: 14,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          RequireUppercase: true,
          TemporaryPasswordValidityDays: 3,
        },
      },
    },
  });
});

test('a second factor may be a choice', () => {
  templateOf({ mfaRequired: false }).hasResourceProperties(POOL, { MfaConfiguration: 'OPTIONAL' });
});

test('there is a group for each role', () => {
  const groups = Object.values(templateOf().findResources('AWS::Cognito::UserPoolGroup'));
  expect(groups.map(({ Properties }) => Properties.GroupName).sort()).toEqual(['admin', 'pilot', 'reviewer']);
});

test('nobody changes their own groups of devices', () => {
  const template = templateOf();
  template.hasResourceProperties(POOL, {
    Schema: Match.arrayWith([Match.objectLike({ Name: 'device_groups', Mutable: true, AttributeDataType: 'String' })]),
  });
  const [{ Properties }] = Object.values(template.findResources(CLIENT));
  // Left out or empty, it would mean all attributes.
  expect(Properties.WriteAttributes).toEqual(['locale', 'zoneinfo']);
  expect(Properties.AllowedOAuthScopes).toEqual(['openid', 'email', 'profile']);
  expect(Properties.ReadAttributes).toBeUndefined();
});

test('browsers sign in by a code, without a secret, and tokens are short-lived', () => {
  templateOf({ logoutUrls: ['https://console.example.com/'] }).hasResourceProperties(CLIENT, {
    GenerateSecret: false,
    AllowedOAuthFlows: ['code'],
    ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
    CallbackURLs: [CALLBACK],
    LogoutURLs: ['https://console.example.com/'],
    SupportedIdentityProviders: ['COGNITO'],
    PreventUserExistenceErrors: 'ENABLED',
    EnableTokenRevocation: true,
    IdTokenValidity: 15,
    AccessTokenValidity: 15,
    RefreshTokenValidity: 720,
    TokenValidityUnits: { IdToken: 'minutes', AccessToken: 'minutes', RefreshToken: 'minutes' },
  });
});

test('tokens are valid for as long as configured', () => {
  templateOf({ tokenValidity: Duration.minutes(5), signInValidity: Duration.days(30) }).hasResourceProperties(CLIENT, {
    IdTokenValidity: 5,
    AccessTokenValidity: 5,
    RefreshTokenValidity: 43_200,
  });
});

test('there is a domain, if it has a name', () => {
  templateOf().resourceCountIs('AWS::Cognito::UserPoolDomain', 0);
  templateOf({ domainPrefix: 'delivery-viewers' }).hasResourceProperties('AWS::Cognito::UserPoolDomain', {
    Domain: 'delivery-viewers',
  });
});

test('it goes with the stack, if so wished', () => {
  templateOf({ removalPolicy: RemovalPolicy.DESTROY }).hasResource(POOL, {
    DeletionPolicy: 'Delete',
    Properties: { DeletionProtection: 'INACTIVE' },
  });
});

test.each<[string, Partial<ViewerPoolProps>, RegExp]>([
  ['ViewerCallback', { callbackUrls: ['http://console.example.com/'] }, /`callbackUrls` is 'http:/],
  ['ViewerCallback', { callbackUrls: [CALLBACK, 'https://*.example.com/'] }, /without \*/],
  ['ViewerCallback', { logoutUrls: ['console.example.com'] }, /`logoutUrls` is 'console/],
  ['ViewerToken', { tokenValidity: Duration.minutes(4) }, /`tokenValidity` is 240 seconds/],
  ['ViewerToken', { tokenValidity: Duration.hours(2) }, /`tokenValidity` is 7200 seconds/],
  ['ViewerToken', { signInValidity: Duration.minutes(30) }, /`signInValidity` is 0.5 hours/],
  ['ViewerToken', { signInValidity: Duration.days(31) }, /`signInValidity` is 744 hours/],
  ['ViewerDomain', { domainPrefix: 'Delivery' }, /`domainPrefix` is 'Delivery'/],
  ['ViewerDomain', { domainPrefix: 'my-cognito' }, /without aws, amazon or cognito/],
  ['ViewerDomain', { domainPrefix: '-x' }, /`domainPrefix` is '-x'/],
])('%s: %j is refused', (code, props, message) => {
  expect(() => templateOf(props)).toThrow(codedError(code, message, 'Test/Viewers'));
});

test('an application on a machine of its developer may be called back', () => {
  templateOf({ callbackUrls: ['http://localhost:5173/signed-in'] }).hasResourceProperties(CLIENT, {
    CallbackURLs: ['http://localhost:5173/signed-in'],
  });
});

test('a pool that takes nobody back is refused when it is synthesized', () => {
  expect(() => templateOf({ callbackUrls: [] })).toThrow(/No application takes viewers back/);
});

test('an application adds itself to those that are named', () => {
  const stack = testStack();
  const viewers = new ViewerPool(stack, 'Viewers', { callbackUrls: [CALLBACK] });
  viewers.allowApplication('https://pilots.example.com/');
  Template.fromStack(stack).hasResourceProperties(CLIENT, {
    CallbackURLs: [CALLBACK, 'https://pilots.example.com/'],
    LogoutURLs: ['https://pilots.example.com/'],
  });
});

test('it is known where the pages are if there is a domain', () => {
  const stack = testStack();
  expect(new ViewerPool(stack, 'Viewers', { callbackUrls: [CALLBACK] }).signInUrl).toBeUndefined();
  const { signInUrl } = new ViewerPool(stack, 'Paged', { callbackUrls: [CALLBACK], domainPrefix: 'delivery-viewers' });
  expect(JSON.stringify(stack.resolve(signInUrl))).toMatch(
    /^{"Fn::Join":\["",\["https:\/\/",{"Ref":"PagedPoolDomain\w+"},"\.auth\./,
  );
});

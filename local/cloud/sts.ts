import * as schemas from '@aws-sdk/client-sts';
import type { Principals } from './principals';
import { modelled, ServiceError } from './service';

/**
 * Credentials of roles. Whom the role trusts isn't looked at.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
 */
export function sts({ principals, account }: { readonly principals: Principals; readonly account: string }) {
  return modelled({
    name: 'sts',
    protocol: 'query',
    schemas: [schemas],
    invalid: 'ValidationError',
    operations: {
      AssumeRole: (input: schemas.AssumeRoleRequest) => {
        const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3600, Policy } = input;
        checkLength(DurationSeconds);
        if (!principals.has(RoleArn)) {
          const told = `User is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
          throw new ServiceError('AccessDenied', told, 403);
        }
        const session = { sessionName: RoleSessionName, seconds: DurationSeconds, sessionPolicy: policyOf(Policy) };
        const { accessKeyId, secretAccessKey, sessionToken, expiration } = principals.issue(RoleArn, session);
        const { principal } = principals.find(accessKeyId)!;
        return {
          Credentials: {
            AccessKeyId: accessKeyId,
            SecretAccessKey: secretAccessKey,
            SessionToken: sessionToken,
            Expiration: expiration,
          },
          AssumedRoleUser: { Arn: principal.arn, AssumedRoleId: `AROA:${RoleSessionName}` },
        };
      },
      GetCallerIdentity: (_: object, { principal }) => ({
        Account: account,
        Arn: principal.arn,
        UserId: principal.arn,
      }),
    },
  });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function checkLength(seconds: number): void {
  if (seconds >= 900 && seconds <= 43_200) return;
  throw new ServiceError('ValidationError', `The requested DurationSeconds of ${seconds} is not from 900 to 43200.`);
}

function policyOf(policy: string | undefined) {
  if (policy === undefined) return undefined;
  try {
    return JSON.parse(policy);
  } catch {
    throw new ServiceError('MalformedPolicyDocument', 'The policy is not in the valid JSON format.');
  }
}

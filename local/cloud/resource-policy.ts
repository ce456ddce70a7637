import type { Principal } from './principals';

interface Statement {
  readonly Effect: string;
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
}

/**
 * Whether a service of AWS may do something to a resource, which is for the resource's own policy to say. Conditions aren't
 * looked at. Whoever has a role is let in, as the policies of roles are tested elsewhere.
 */
export function letsIn(policy: unknown, { arn, roleArn }: Principal, action: string): boolean {
  if (roleArn) return true;
  const statements = [(policy as { Statement?: Statement | Statement[] } | undefined)?.Statement ?? []].flat();
  return statements.some(({ Effect, Principal, Action }) => {
    const services = typeof Principal === 'object' ? [Principal.Service ?? []].flat() : [];
    return Effect === 'Allow' && services.includes(arn) && [Action].flat().includes(action);
  });
}

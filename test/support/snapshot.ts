import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/**
 * The template as it is kept in a snapshot: short enough to be read, and without what changes though the fleet doesn't.
 *
 * References are written as `<LogicalId>`, `<LogicalId.Attribute>` and `<Stack.Output>` within the text that they are
 * part of. The hashes of assets, which another version of a bundled library changes, are left out, and so is the check
 * of the bootstrap stack that the CDK puts into each template.
 */
export function snapshotOf(stack: Stack): unknown {
  const { Parameters, Rules, ...template } = Template.fromStack(stack).toJSON();
  const { BootstrapVersion, ...parameters } = Parameters ?? {};
  const { CheckBootstrapVersion, ...rules } = Rules ?? {};
  return shorten({ ...template, Parameters: parameters, Rules: rules });
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\b[0-9a-f]{64}\b/g, '<hash>');
  if (Array.isArray(value)) return value.map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const text = entries.length === 1 ? reference(...entries[0]) : undefined;
  return text ?? Object.fromEntries(entries.map(([key, item]) => [key, shorten(item)]));
}

/** An intrinsic as text; those that can't be are left as they are. */
function reference(name: string, argument: unknown): string | undefined {
  switch (name) {
    case 'Ref':
      return `<${argument}>`;
    case 'Fn::GetAtt':
      return `<${[argument].flat().join('.')}>`;
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName, Region } = argument as Record<string, unknown>;
      return JSON.stringify(Region) === '{"Ref":"AWS::Region"}' ? `<${StackName}.${OutputName}>` : undefined;
    }
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      const texts = parts.map(shorten);
      return texts.every((text) => typeof text === 'string') ? texts.join(separator) : undefined;
    }
    default:
      return undefined;
  }
}

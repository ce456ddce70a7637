import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../cdk.json';

/** A stack under the flags that the reference app runs with, in the documentation's account. */
export function testStack(props: StackProps = {}): Stack {
  const app = new App({ context: cdkJson.context });
  return new Stack(app, 'Test', { env: { account: '111122223333', region: 'eu-west-1' }, ...props });
}

/** The stable ids of the warnings below the stack. */
export function warningIds(stack: Stack): string[] {
  return Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(
      (found) => /\[ack: (?:Annotation::)?([^\]]+)\]/.exec(String(found.entry.data))?.[1] ?? String(found.entry.data),
    );
}

export { Match, Template };

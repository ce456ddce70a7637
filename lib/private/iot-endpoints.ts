import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiSetting } from './api-setting';

/** The account's endpoints of AWS IoT, looked up at deployment, once for each stack. */
export class IotEndpoints extends ApiSetting {
  public static of(scope: Construct): IotEndpoints {
    const stack = Stack.of(scope);
    const id = 'CdkKinesisVideo-IotEndpoints';
    return (stack.node.tryFindChild(id) as IotEndpoints) ?? new IotEndpoints(stack, id);
  }

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'iot-settings',
      resourceType: 'Custom::IotEndpoints',
      properties: {},
      // The call has no resource to name: an account has one endpoint of a type.
      permissions: [{ actions: ['iot:DescribeEndpoint'], resources: ['*'] }],
    });
  }

  /** The host of the credentials provider. */
  public get credentials(): string {
    return this.getAttString('CredentialEndpoint');
  }

  /** The host of MQTT and HTTP. */
  public get data(): string {
    return this.getAttString('DataEndpoint');
  }
}

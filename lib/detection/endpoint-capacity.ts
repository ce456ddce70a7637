import { Size, Token } from 'aws-cdk-lib';
import type { CfnEndpointConfig } from 'aws-cdk-lib/aws-sagemaker';
import { checkPattern, checkRange, fail, lit } from '../private/validation';

/**
 * Options of `EndpointCapacity.serverless`.
 */
export interface ServerlessCapacityOptions {
  /**
   * The memory, with which the processors grow: 1 to 6 GiB, whole ones.
   * @default Size.gibibytes(2)
   */
  readonly memorySize?: Size;

  /**
   * How many requests are worked on at once: 1 to 200, out of what the account has for all its endpoints. What comes above it
   * is throttled.
   * @default 10
   */
  readonly maxConcurrency?: number;

  /**
   * How many of them are kept warm, which is paid for by the hour: 1 to `maxConcurrency`. The first request to one that isn't
   * waits for its container, which takes seconds to minutes.
   * @default - none
   */
  readonly provisionedConcurrency?: number;
}

/**
 * Properties of `EndpointCapacity.instances`.
 */
export interface InstanceCapacityProps {
  /**
   * The type of the instances, like `ml.c7i.large`.
   */
  readonly instanceType: string;

  /**
   * How many there are: 1 to 100. SageMaker spreads two or more over zones.
   * @default 2
   */
  readonly instanceCount?: number;
}

type Variant = Pick<
  CfnEndpointConfig.ProductionVariantProperty,
  'serverlessConfig' | 'instanceType' | 'initialInstanceCount' | 'initialVariantWeight'
>;

/**
 * What the model of a `ModelEndpoint` runs on.
 */
export class EndpointCapacity {
  /**
   * As much as there is to do, down to nothing, paid by the millisecond. There are no GPUs; neither a VPC nor network isolation;
   * and a request has 4 MB at most.
   *
   * @throws ValidationError `EndpointCapacity`
   * @see https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
   */
  public static serverless(options: ServerlessCapacityOptions = {}): EndpointCapacity {
    const { memorySize = Size.gibibytes(2), maxConcurrency = 10, provisionedConcurrency } = options;
    const code = lit`EndpointCapacity`;
    if (!memorySize.isUnresolved()) {
      const gibibytes = memorySize.toMebibytes() / 1024;
      checkRange(undefined, code, 'memorySize', gibibytes, { min: 1, max: 6, unit: 'GiB' });
    }
    checkRange(undefined, code, 'maxConcurrency', maxConcurrency, { min: 1, max: 200 });
    const most = Token.isUnresolved(maxConcurrency) ? 200 : maxConcurrency;
    checkRange(undefined, code, 'provisionedConcurrency', provisionedConcurrency, { min: 1, max: most });
    const serverlessConfig = { memorySizeInMb: memorySize.toMebibytes(), maxConcurrency, provisionedConcurrency };
    return new EndpointCapacity({ serverlessConfig, initialVariantWeight: 1 }, true, false);
  }

  /**
   * Instances that run all the time, and are paid for by the hour. The container has no network but that of its requests.
   *
   * @throws ValidationError `EndpointCapacity`
   * @see https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints.html
   */
  public static instances(props: InstanceCapacityProps): EndpointCapacity {
    const { instanceType, instanceCount = 2 } = props;
    const code = lit`EndpointCapacity`;
    if (Token.isUnresolved(instanceType)) fail(undefined, code, '`instanceType` is a token; it must be known here.');
    checkPattern(undefined, code, 'instanceType', instanceType, /^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 'like ml.c7i.large');
    checkRange(undefined, code, 'instanceCount', instanceCount, { min: 1, max: 100 });
    const variant = { instanceType, initialInstanceCount: instanceCount, initialVariantWeight: 1 };
    // A `d` among the letters behind the generation stands for a disk of the instance's own; these families have no other.
    const hasDisk = /^ml\.([a-z]+\d+[a-z]*d[a-z]*|(g[5-9]|trn[1-9])[a-z]*)\./.test(instanceType);
    return new EndpointCapacity(variant, false, hasDisk);
  }

  /**
   * @param _variant what it adds to the production variant
   * @param _isServerless whether it has no instances
   * @param _hasDisk whether its disks are of the instances, which encrypt them themselves and take no key
   */
  private constructor(
    /** @internal */
    public readonly _variant: Variant,
    /** @internal */
    public readonly _isServerless: boolean,
    /** @internal */
    public readonly _hasDisk: boolean,
  ) {}
}

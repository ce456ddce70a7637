import { Size, type Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as z from 'zod';
import { EndpointCapacity, ModelEndpoint, type IModelEndpoint } from '../lib';

/** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, or what is behind the first slash for one of the stack's own. */
const IMAGE = /^(?:(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/)?([a-z0-9][a-z0-9._/-]*):([\w.-]+)$/;

const serverless = z.strictObject({
  memoryGiB: z.number().optional(),
  maxConcurrency: z.number().optional(),
  provisionedConcurrency: z.number().optional(),
});
const instances = z.strictObject({ instanceType: z.string(), instanceCount: z.number().optional() });

/** A model: an endpoint that is there already, or an image of which one is made. */
export const modelConfiguration = z.union([
  z.strictObject({ endpointName: z.string() }),
  z.strictObject({
    image: z.string().regex(IMAGE, 'must be the URI of an image in ECR, with its tag'),
    capacity: z.union([instances, serverless]).default({}),
  }),
]);

export type Model = z.infer<typeof modelConfiguration>;

/** The endpoint of a model. */
export function endpointOf(stack: Stack, model: Model, encryptionKey: IKey): IModelEndpoint {
  if ('endpointName' in model) return ModelEndpoint.fromEndpointName(stack, 'Model', model.endpointName);
  const [, account, region, repositoryName, imageTag] = IMAGE.exec(model.image)!;
  const repositoryArn = stack.formatArn({
    service: 'ecr',
    resource: 'repository',
    resourceName: repositoryName,
    account,
    region,
  });
  const repository = ecr.Repository.fromRepositoryAttributes(stack, 'Images', { repositoryName, repositoryArn });
  return new ModelEndpoint(stack, 'Model', {
    repository,
    imageTag,
    capacity: capacityOf(model.capacity),
    encryptionKey,
  });
}

function capacityOf(given: z.infer<typeof serverless> | z.infer<typeof instances>): EndpointCapacity {
  if ('instanceType' in given) return EndpointCapacity.instances(given);
  const { memoryGiB, ...concurrency } = given;
  const memorySize = memoryGiB === undefined ? undefined : Size.mebibytes(1024 * memoryGiB);
  return EndpointCapacity.serverless({ memorySize, ...concurrency });
}

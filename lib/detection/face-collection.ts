import { ArnFormat, Lazy, Names, RemovalPolicy, Resource, Stack, Tags, type IResource } from 'aws-cdk-lib';
import { CfnCollection } from 'aws-cdk-lib/aws-rekognition';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { checkPattern, lit } from '../private/validation';
import { FaceCollectionGrants } from './face-collection-grants';

/**
 * A collection of faces, which Rekognition compares others with.
 */
export interface IFaceCollection extends IResource, refs.ICollectionRef {
  /**
   * The ARN.
   * @attribute
   */
  readonly faceCollectionArn: string;

  /**
   * The id.
   * @attribute
   */
  readonly faceCollectionId: string;

  /** Permissions on the collection. */
  readonly grants: FaceCollectionGrants;
}

/** What all collections have, those of this app and imported ones. */
abstract class FaceCollectionBase extends Resource implements IFaceCollection {
  public abstract readonly faceCollectionArn: string;
  public abstract readonly faceCollectionId: string;

  public get collectionRef(): refs.CollectionReference {
    return { collectionArn: this.faceCollectionArn, collectionId: this.faceCollectionId };
  }

  public get grants(): FaceCollectionGrants {
    return FaceCollectionGrants.fromFaceCollection(this);
  }
}

/**
 * Properties of `FaceCollection`.
 */
export interface FaceCollectionProps {
  /**
   * The id: 1 to 255 of `a-z A-Z 0-9 _ . -`. Changing it makes another, empty collection.
   * @default - made of the path of the construct, the same at each deployment
   */
  readonly faceCollectionId?: string;

  /**
   * Tags of the collection.
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * What becomes of the collection when it leaves the stack. It holds biometric data: think of who must be able to have
   * their face deleted, with `grants.deleteFaces`.
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, so that only a deployment that fails takes its empty collection
   * back
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A collection of faces. IndexFaces fills it; its `ExternalImageId` is what matches are known by afterwards.
 *
 * Rekognition keeps vectors of the faces and not the images, encrypted with a key of its own.
 *
 * @stateful
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/collections.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
 *
 * const known = new FaceCollection(stack, 'Known');
 * known.grants.index(new Role(stack, 'Reception', { assumedBy: new AccountRootPrincipal() }));
 */
@propertyInjectable
export class FaceCollection extends FaceCollectionBase {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-kinesis-video.FaceCollection';

  /** Imports a collection by its ARN. */
  public static fromFaceCollectionArn(scope: Construct, id: string, faceCollectionArn: string): IFaceCollection {
    class Import extends FaceCollectionBase {
      public readonly faceCollectionArn = faceCollectionArn;
      public readonly faceCollectionId = Stack.of(this).splitArn(faceCollectionArn, ArnFormat.SLASH_RESOURCE_NAME)
        .resourceName!;
    }
    return new Import(scope, id, { environmentFromArn: faceCollectionArn });
  }

  /**
   * Imports a collection of the stack's account and region by its id.
   * @throws ValidationError `FaceCollectionId`
   */
  public static fromFaceCollectionId(scope: Construct, id: string, faceCollectionId: string): IFaceCollection {
    checkId(scope, faceCollectionId);
    const resourceName = faceCollectionId;
    return FaceCollection.fromFaceCollectionArn(
      scope,
      id,
      Stack.of(scope).formatArn({ service: 'rekognition', resource: 'collection', resourceName }),
    );
  }

  private readonly resource: CfnCollection;

  /**
   * @throws ValidationError `FaceCollectionId`
   */
  constructor(scope: Construct, id: string, props: FaceCollectionProps = {}) {
    super(scope, id, {
      // CloudFormation makes no name for it.
      physicalName:
        props.faceCollectionId ??
        Lazy.string({
          produce: () => Names.uniqueResourceName(this, { maxLength: 255, separator: '-' }),
        }),
    });
    checkId(this, props.faceCollectionId);

    this.resource = new CfnCollection(this, 'Resource', { collectionId: this.physicalName });
    this.resource.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this.resource).add(key, value);
  }

  public get faceCollectionArn(): string {
    return this.getResourceArnAttribute(this.resource.attrArn, {
      service: 'rekognition',
      resource: 'collection',
      resourceName: this.physicalName,
    });
  }

  public get faceCollectionId(): string {
    return this.getResourceNameAttribute(this.resource.ref);
  }
}

function checkId(scope: Construct, id: string | undefined): void {
  const pattern = /^[a-zA-Z0-9_.-]{1,255}$/;
  checkPattern(scope, lit`FaceCollectionId`, 'faceCollectionId', id, pattern, '1 to 255 of a-z A-Z 0-9 _ . -');
}

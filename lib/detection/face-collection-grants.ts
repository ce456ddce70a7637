import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnCollection } from 'aws-cdk-lib/aws-rekognition';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';

/**
 * Permissions on a collection of faces. Each method grants exactly the calls that it names.
 *
 * Works on a `FaceCollection`, an imported collection and a raw `CfnCollection`. A call that is given an image in S3 needs
 * the permission to read it, too.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
 */
export class FaceCollectionGrants {
  /** Grants on the given collection. */
  public static fromFaceCollection(collection: refs.ICollectionRef): FaceCollectionGrants {
    return new FaceCollectionGrants(collection);
  }

  private constructor(private readonly collection: refs.ICollectionRef) {}

  /** To look a face up, without learning who else is there: SearchFaces, SearchFacesByImage. */
  public search(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'rekognition:SearchFaces', 'rekognition:SearchFacesByImage');
  }

  /** To add faces: IndexFaces. */
  public index(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'rekognition:IndexFaces');
  }

  /** To see which faces there are: DescribeCollection, ListFaces. */
  public list(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'rekognition:DescribeCollection', 'rekognition:ListFaces');
  }

  /** To remove faces: DeleteFaces. */
  public deleteFaces(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'rekognition:DeleteFaces');
  }

  /** Any other actions on the collection. */
  public actions(grantee: iam.IGrantable, ...actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [CfnCollection.arnForCollection(this.collection)],
    });
  }
}

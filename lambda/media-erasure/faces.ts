import { DeleteFacesCommand, ListFacesCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import type { ErasureRequest } from './request';
import type { Item, Keep, Page, Source } from './source';

/** What ListFaces gives and DeleteFaces takes is 4096 at most. */
const PAGE_SIZE = 1000;

/**
 * The faces of a person in a collection.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DeleteFaces.html
 */
export class FaceSource implements Source {
  readonly name = 'faces';

  constructor(
    private readonly subject: NonNullable<ErasureRequest['subject']>,
    private readonly collectionId: string,
    private readonly rekognition: RekognitionClient,
  ) {}

  async find(token?: string): Promise<Page> {
    const { externalImageId, faceIds = [] } = this.subject;
    const { Faces = [], NextToken } = await this.rekognition.send(
      // There is no filter by what a face is known by.
      new ListFacesCommand({ CollectionId: this.collectionId, MaxResults: PAGE_SIZE, NextToken: token }),
    );
    const isSought = ({ FaceId, ExternalImageId }: (typeof Faces)[number]) =>
      faceIds.includes(FaceId!) || (externalImageId !== undefined && ExternalImageId === externalImageId);
    return { items: Faces.filter(isSought).map(({ FaceId }) => ({ id: { faceId: FaceId! } })), token: NextToken };
  }

  async erase(ids: readonly Item['id'][]): Promise<(Keep | undefined)[]> {
    const { UnsuccessfulFaceDeletions = [] } = await this.rekognition.send(
      new DeleteFacesCommand({ CollectionId: this.collectionId, FaceIds: ids.map(({ faceId }) => faceId) }),
    );
    const reasons = new Map(UnsuccessfulFaceDeletions.map(({ FaceId, Reasons = [] }) => [FaceId, Reasons]));
    return ids.map(({ faceId }) => {
      const why = reasons.get(faceId);
      if (!why || why.includes('FACE_NOT_FOUND')) return undefined;
      return { reason: why.includes('ASSOCIATED_TO_AN_EXISTING_USER') ? 'FACE_OF_USER' : 'REFUSED' };
    });
  }
}

import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import { CfnKey, KeyGrants } from 'aws-cdk-lib/aws-kms';
import { ConstructReflection } from 'aws-cdk-lib/core/lib/helpers-internal';
import type { CfnResource } from 'aws-cdk-lib';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';

/**
 * Permissions on a video stream, the customer-managed key's included.
 *
 * Works on a `VideoStream`, an imported stream and a raw `CfnStream`. Each method grants exactly what the calls that it
 * names need.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisvideostreams.html
 */
export class VideoStreamGrants {
  /** Grants on the given stream. */
  public static fromStream(stream: refs.IStreamRef): VideoStreamGrants {
    return new VideoStreamGrants(stream);
  }

  private constructor(private readonly stream: refs.IStreamRef) {}

  /** To send media to the stream, as the producer SDK does: DescribeStream, GetDataEndpoint, PutMedia, TagStream. */
  public putMedia(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, 'kms:GenerateDataKey', [
      'kinesisvideo:DescribeStream',
      'kinesisvideo:GetDataEndpoint',
      'kinesisvideo:PutMedia',
      'kinesisvideo:TagStream',
    ]);
  }

  /** To read media as it comes, or from a point in the past: GetMedia. */
  public consumeMedia(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:DescribeStream', 'kinesisvideo:GetMedia');
  }

  /** To list the stored fragments and to read them: ListFragments, GetMediaForFragmentList. */
  public archivedMedia(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:GetMediaForFragmentList', 'kinesisvideo:ListFragments');
  }

  /** To see which fragments are stored, without reading media: ListFragments. */
  public listFragments(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:ListFragments');
  }

  /** To open HLS sessions. */
  public hlsPlayback(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:GetHLSStreamingSessionURL');
  }

  /** To open MPEG-DASH sessions. */
  public dashPlayback(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:GetDASHStreamingSessionURL');
  }

  /** To download clips (MP4). */
  public clips(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:GetClip');
  }

  /** To extract still images. */
  public images(grantee: iam.IGrantable): iam.Grant {
    return this.read(grantee, 'kinesisvideo:GetImages');
  }

  /** To watch what is stored, in whatever form: HLS, DASH, clips and images, with the list of fragments. */
  public playback(grantee: iam.IGrantable): iam.Grant {
    return this.read(
      grantee,
      'kinesisvideo:GetClip',
      'kinesisvideo:GetDASHStreamingSessionURL',
      'kinesisvideo:GetHLSStreamingSessionURL',
      'kinesisvideo:GetImages',
      'kinesisvideo:ListFragments',
    );
  }

  /** Any other actions on the stream, the key not included. */
  public actions(grantee: iam.IGrantable, ...actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [CfnStream.arnForStream(this.stream)],
    });
  }

  private read(grantee: iam.IGrantable, ...actions: string[]): iam.Grant {
    // Every call on media starts with asking for its endpoint.
    return this.grant(grantee, 'kms:Decrypt', ['kinesisvideo:GetDataEndpoint', ...actions].sort());
  }

  private grant(grantee: iam.IGrantable, keyAction: string, actions: string[]): iam.Grant {
    const grant = this.actions(grantee, ...actions);
    const onKey = iam.EncryptedResources.of(this.stream)?.grantOnKey(grantee, keyAction).grant;
    return onKey ? grant.combine(onKey) : grant;
  }
}

/** Finds the key of a raw `CfnStream`, so that grants on it are as complete as those on a `VideoStream`. */
class EncryptedStreamFactory implements iam.IEncryptedResourceFactory {
  public forResource(resource: CfnResource): iam.IEncryptedResource {
    return {
      env: resource.env,
      grantOnKey: (grantee, ...actions) => ({ grant: grantOnKeyOf(resource as CfnStream, grantee, actions) }),
    };
  }
}

function grantOnKeyOf(stream: CfnStream, grantee: iam.IGrantable, actions: string[]): iam.Grant | undefined {
  const keyId = stream.kmsKeyId;
  if (keyId === undefined) return undefined;
  const key = ConstructReflection.of(stream).findRelatedCfnResource({
    cfnResourceType: CfnKey.CFN_RESOURCE_TYPE_NAME,
    matches: (candidate) => {
      const { ref, attrArn, attrKeyId } = candidate as CfnKey;
      return [ref, attrArn, attrKeyId].includes(keyId);
    },
  });
  if (key) return KeyGrants.fromKey(key as CfnKey).actions(grantee, ...actions);
  // An alias can't stand in a policy's Resource, and a token may be anything: only ARNs and key IDs are certain.
  if (Token.isUnresolved(keyId) || keyId.includes('alias/')) return undefined;
  const keyArn = keyId.startsWith('arn:')
    ? keyId
    : Stack.of(stream).formatArn({ service: 'kms', resource: 'key', resourceName: keyId });
  return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [keyArn] });
}

iam.DefaultEncryptedResourceFactories.set(CfnStream.CFN_RESOURCE_TYPE_NAME, new EncryptedStreamFactory());

import { ServiceError } from '../service';

/** Calls a second, of the account and of each stream or channel. */
export interface Rate {
  readonly account?: number;
  readonly each?: number;
}

const CHANGE: Rate = { account: 50, each: 5 };

/**
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html
 */
const RATES: Readonly<Record<string, Rate>> = {
  CreateStream: { account: 50 },
  DescribeStream: { account: 300, each: 5 },
  GetDataEndpoint: { account: 300, each: 5 },
  ListStreams: { account: 50 },
  DeleteStream: CHANGE,
  UpdateStream: CHANGE,
  UpdateDataRetention: CHANGE,
  UpdateStreamStorageConfiguration: CHANGE,
  DescribeStreamStorageConfiguration: CHANGE,
  UpdateImageGenerationConfiguration: CHANGE,
  DescribeImageGenerationConfiguration: CHANGE,
  UpdateNotificationConfiguration: CHANGE,
  DescribeNotificationConfiguration: CHANGE,
  TagStream: CHANGE,
  UntagStream: CHANGE,
  ListTagsForStream: CHANGE,
  CreateSignalingChannel: { account: 50 },
  DescribeSignalingChannel: { account: 300, each: 5 },
  GetSignalingChannelEndpoint: { account: 300 },
  ListSignalingChannels: { account: 50 },
  DeleteSignalingChannel: CHANGE,
  UpdateSignalingChannel: CHANGE,
  UpdateMediaStorageConfiguration: { account: 10, each: 5 },
  DescribeMediaStorageConfiguration: CHANGE,
  TagResource: CHANGE,
  UntagResource: CHANGE,
  ListTagsForResource: CHANGE,
  GetIceServerConfig: { each: 5 },
  ConnectAsMaster: { each: 3 },
  ConnectAsViewer: { each: 3 },
  PutMedia: { each: 5 },
  GetHLSStreamingSessionURL: { each: 25 },
  GetClip: { each: 5 },
  GetImages: { each: 5 },
  ListFragments: { each: 5 },
  GetMediaForFragmentList: { each: 5 },
};

export type Rates = Readonly<Record<string, Rate>>;

/** How often calls are answered. What was saved up in a second can be used at once. */
export class Quotas {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();
  private readonly rates: Rates;

  /** @param rates other than AWS's own */
  constructor(
    rates: Rates = {},
    private readonly now = () => performance.now(),
  ) {
    this.rates = { ...RATES, ...rates };
  }

  /** @throws ServiceError ClientLimitExceededException */
  take(operation: string, resource = ''): void {
    const { account, each } = this.rates[operation] ?? {};
    const isWithin = this.takeOne(operation, account) && this.takeOne(`${operation} ${resource}`, each);
    if (isWithin) return;
    throw new ServiceError('ClientLimitExceededException', `The rate of ${operation} is above its limit.`);
  }

  private takeOne(key: string, perSecond: number | undefined): boolean {
    if (perSecond === undefined) return true;
    const now = this.now();
    const { tokens, at } = this.buckets.get(key) ?? { tokens: perSecond, at: now };
    const available = Math.min(perSecond, tokens + ((now - at) / 1000) * perSecond);
    const isWithin = available >= 1;
    this.buckets.set(key, { tokens: isWithin ? available - 1 : available, at: now });
    return isWithin;
  }
}

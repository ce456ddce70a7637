import { App, Duration, Stack } from 'aws-cdk-lib';
import { Bitrate, FleetPlan, FleetPlanReport, PriceId, PriceList, StorageTier, VideoStream } from 'cdk-kinesis-video';

const stack = new Stack(new App(), 'Warehouse');
const retention = Duration.days(90);
new VideoStream(stack, 'Gate', { retention, storageTier: StorageTier.WARM });

// A plan needs no stack: 400 cameras, filming around the clock.
const plan = new FleetPlan(
  {
    devices: 400,
    streamingPerDay: Duration.hours(24),
    bitrate: Bitrate.kilobitsPerSecond(900),
    fragmentDuration: Duration.seconds(5),
    retention,
    storageTier: StorageTier.WARM,
    analysedShare: 0.05,
    viewers: 6,
  },
  { prices: PriceList.forRegion('us-east-1').withPrice(PriceId.KVS_IMAGES, 9, 'our contract') },
);

// In a stack, it is written beside the templates, and synthesis warns of quotas that it exceeds.
new FleetPlanReport(stack, 'Plan', { plan });

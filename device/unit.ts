import { CERTIFICATE_FILES } from './pipeline';

/**
 * What all units have: a user of their own that exists while they run, a file system that can't be written to, and the key handed
 * over by systemd, so that only root can read it where it is kept.
 *
 * https://www.freedesktop.org/software/systemd/man/systemd.exec.html
 */
const SANDBOX = [
  'DynamicUser=yes',
  'SupplementaryGroups=video',
  ...Object.values(CERTIFICATE_FILES).map((file) => `LoadCredential=${file}:/etc/kvs/${file}`),
  'EnvironmentFile=-/etc/kvs/kvs.env',
  'DevicePolicy=closed',
  'DeviceAllow=char-video4linux rw',
  'DeviceAllow=char-media rw',
  'CapabilityBoundingSet=',
  'LockPersonality=yes',
  'NoNewPrivileges=yes',
  'PrivateTmp=yes',
  'ProcSubset=pid',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHome=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectProc=invisible',
  'ProtectSystem=strict',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  // GStreamer asks for priorities and does without.
  'SystemCallErrorNumber=EPERM',
  'UMask=0077',
  // GStreamer keeps a list of its plug-ins in the home.
  'CacheDirectory=kvs',
  'Environment=XDG_CACHE_HOME=/var/cache/kvs',
];

/** Tried again for ever, a little later each time, up to five minutes: all cameras of a site come back at once. */
const RESTART = [
  'Restart=always',
  'RestartSec=2',
  // From systemd 254 on; an older one says so, and waits 2 seconds each time.
  'RestartSteps=8',
  'RestartMaxDelaySec=300',
];

/** The signal upon which gst-launch-1.0 and the sample of the WebRTC SDK end what they send. */
const INTERRUPTED = ['KillSignal=SIGINT', 'TimeoutStopSec=15'];

interface Service {
  readonly description: string;
  readonly start: string;
  /** Further settings of the service. */
  readonly settings?: string[];
  /** What can't run beside it: a camera can be opened once. */
  readonly conflicts?: string;
}

function service({ description, start, settings = [], conflicts }: Service): string {
  return [
    '[Unit]',
    `Description=${description}`,
    'Wants=network-online.target',
    // Neither TLS nor signatures work with a clock that is wrong.
    'After=network-online.target time-sync.target',
    ...(conflicts ? [`Conflicts=${conflicts}`] : []),
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `ExecStart=${start}`,
    ...settings,
    ...RESTART,
    ...SANDBOX,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

/** By name of file. The instances of those with an `@` are streams and channels. */
export const UNITS: Record<string, string> = {
  'kvs-record@.service': service({
    description: 'Stream %i to Kinesis Video Streams',
    start: '/opt/kvs/record-%i.sh',
    settings: INTERRUPTED,
    conflicts: 'kvs-edge.service',
  }),
  'kvs-watch@.service': service({
    description: 'Live view of %i by WebRTC',
    start: '/opt/kvs/watch-%i.sh',
    settings: INTERRUPTED,
  }),
  'kvs-edge.service': service({
    description: 'Streams to Kinesis Video Streams while something moves',
    start: '/usr/bin/python3 /opt/kvs/edge.py /opt/kvs/edge.json',
    settings: ['Type=notify', 'WatchdogSec=30', 'TimeoutStopSec=15'],
  }),
};

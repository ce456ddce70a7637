/** The tag by which the media of a fleet is known, and to which functions are limited. */
export const FLEET_TAG = 'cdk-kinesis-video:fleet';

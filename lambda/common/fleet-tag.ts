/** The tag by which a fleet's media is known, and to which the functions are limited. */
export const FLEET_TAG = 'cdk-kinesis-video:fleet';

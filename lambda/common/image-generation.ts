import * as z from 'zod';

// CloudFormation hands every number over as a string.
const number = z.coerce.number().int();

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationConfiguration.html */
export const imageGenerationConfiguration = z.object({
  Status: z.enum(['ENABLED', 'DISABLED']),
  ImageSelectorType: z.enum(['PRODUCER_TIMESTAMP', 'SERVER_TIMESTAMP']),
  DestinationConfig: z.object({ Uri: z.string(), DestinationRegion: z.string() }),
  SamplingInterval: number,
  Format: z.enum(['JPEG', 'PNG']),
  FormatConfig: z.object({ JPEGQuality: z.string() }).optional(),
  WidthPixels: number.optional(),
  HeightPixels: number.optional(),
});

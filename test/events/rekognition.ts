import type { DetectLabelsCommandOutput } from '@aws-sdk/client-rekognition';

/**
 * What DetectLabels answers. A label that is an object has instances with boxes; one that is a scene, an event or a mere
 * parent of another has none.
 * https://docs.aws.amazon.com/rekognition/latest/dg/labels-detect-labels-image.html
 */
export const STREET: DetectLabelsCommandOutput = {
  $metadata: {},
  LabelModelVersion: '3.0',
  Labels: [
    {
      Name: 'Person',
      Confidence: 98.87,
      Instances: [
        { BoundingBox: { Width: 0.1935, Height: 0.2742, Left: 0.4373, Top: 0.3507 }, Confidence: 91.2 },
        { BoundingBox: { Width: 0.0318, Height: 0.1252, Left: 0.9164, Top: 0.5042 }, Confidence: 98.87 },
      ],
      Parents: [],
      Aliases: [{ Name: 'Human' }],
      Categories: [{ Name: 'Person Description' }],
    },
    {
      Name: 'Vehicle',
      Confidence: 99.15,
      Instances: [],
      Parents: [{ Name: 'Transportation' }],
      Aliases: [],
      Categories: [{ Name: 'Vehicles and Automotive' }],
    },
    {
      Name: 'Car',
      Confidence: 99.15,
      Instances: [{ BoundingBox: { Width: 0.25, Height: 0.25, Left: -0.125, Top: 0.875 }, Confidence: 99.15 }],
      Parents: [{ Name: 'Vehicle' }, { Name: 'Transportation' }],
      Aliases: [{ Name: 'Automobile' }],
      Categories: [{ Name: 'Vehicles and Automotive' }],
    },
  ],
};

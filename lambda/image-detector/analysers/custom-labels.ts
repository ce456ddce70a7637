import { DetectCustomLabelsCommand } from '@aws-sdk/client-rekognition';
import { withinFrame } from '../../common/bounding-box';
import type { Analyser, SettingsOf } from './analyser';
import { ask, imageOf, type RekognitionPorts } from './rekognition';

/**
 * A model that isn't running makes its frames come again, since it may be starting.
 * https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectCustomLabels.html
 */
export function customLabels(
  { projectVersionArn }: SettingsOf<'custom-labels'>,
  { rekognition, minimumConfidence }: RekognitionPorts,
): Analyser {
  return {
    analyse: async (frame) => {
      const command = new DetectCustomLabelsCommand({
        ProjectVersionArn: projectVersionArn,
        Image: imageOf(frame),
        MinConfidence: minimumConfidence,
      });
      const { CustomLabels = [] } = await ask(frame, rekognition.send(command));
      return CustomLabels.map(({ Name: label = '', Confidence: confidence = 0, Geometry }) => ({
        label,
        confidence,
        boundingBox: Geometry?.BoundingBox && withinFrame(Geometry.BoundingBox),
      }));
    },
  };
}

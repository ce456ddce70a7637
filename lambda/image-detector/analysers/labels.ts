import { DetectLabelsCommand, type Label } from '@aws-sdk/client-rekognition';
import type { Sighting } from '../../common/obstacles';
import { withinFrame } from '../../common/bounding-box';
import type { Analyser, SettingsOf } from './analyser';
import { ask, imageOf, type RekognitionPorts } from './rekognition';

/** https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html */
export function labels({ maxLabels }: SettingsOf<'labels'>, ports: RekognitionPorts): Analyser {
  return {
    analyse: async (frame) => {
      const command = new DetectLabelsCommand({
        Image: imageOf(frame),
        Features: ['GENERAL_LABELS'],
        MinConfidence: ports.minimumConfidence,
        MaxLabels: maxLabels,
      });
      const { Labels = [] } = await ask(frame, ports.rekognition.send(command));
      return Labels.flatMap(sightingsOf);
    },
  };
}

/** A label is either seen at places, or just somewhere in the frame. */
function sightingsOf({ Name: label = '', Confidence: confidence = 0, Instances = [] }: Label): Sighting[] {
  if (Instances.length === 0) return [{ label, confidence }];
  return Instances.map((instance) => ({
    label,
    confidence: instance.Confidence ?? confidence,
    boundingBox: instance.BoundingBox && withinFrame(instance.BoundingBox),
  }));
}

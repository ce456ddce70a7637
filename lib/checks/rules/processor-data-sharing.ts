import { finding, type Rule } from '../rule';

export const processorDataSharing: Rule = {
  id: 'ProcessorDataSharing',
  severity: 'error',
  title: 'A stream processor shares video with AWS',
  why: 'AWS keeps the video to improve its models. Those who are in it have hardly agreed to that.',
  fix: 'Set DataSharingPreference.OptIn to false, or leave it out.',
  unseen: 'The opt-out policy of the organization, which applies to other services.',
  link: 'https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StreamProcessorDataSharingPreference.html',
  *check(template) {
    for (const processor of template.all('AWS::Rekognition::StreamProcessor')) {
      if (String(processor.properties.DataSharingPreference?.OptIn) !== 'true') continue;
      yield finding(processor, 'Properties.DataSharingPreference');
    }
  },
};

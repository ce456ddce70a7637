import type * as iotData from '@aws-sdk/client-iot-data-plane';
import { ServiceError } from '../service';
import type { Broker } from './broker';
import { isTopicAllowed } from './topics';

const MAX_PAYLOAD = 128 * 1024;

/** What clients of the SDK do by the broker. https://docs.aws.amazon.com/iot/latest/apireference/API_Operations_AWS_IoT_Data_Plane.html */
export function dataOperations(broker: Broker) {
  return {
    Publish: async ({
      topic = '',
      payload = new Uint8Array(),
      qos = 0,
      retain,
      messageExpiry,
    }: iotData.PublishRequest) => {
      if (!isTopicAllowed(topic) || /[+#]/.test(topic)) {
        throw new ServiceError('InvalidRequestException', `The topic ${topic} can't be published to`, 400);
      }
      if (payload.length > MAX_PAYLOAD)
        throw new ServiceError('RequestEntityTooLargeException', 'Payload too large', 413);
      await broker.publish(topic, payload as Uint8Array, { qos: qos === 0 ? 0 : 1, retain, messageExpiry });
      return {};
    },

    DeleteConnection: ({ clientId = '', preventWillMessage }: iotData.DeleteConnectionRequest) => {
      if (broker.disconnect(clientId, { preventWill: preventWillMessage })) return {};
      throw new ServiceError('ResourceNotFoundException', `There is no connection of ${clientId}`, 404);
    },
  };
}

import type * as iot from '@aws-sdk/client-iot';
import { existing, invalid, vacant, type Store } from './store';

export interface Endpoints {
  /** Host and port of MQTT, over TLS and as WebSockets. */
  readonly data: () => string;
  /** Host and port of the credentials provider. */
  readonly credentials: () => string;
}

const INDEX = 'AWS_Things';

/** What an account has once, and what devices and clients are let in by. */
export function settingOperations(store: Store, endpoints: Endpoints) {
  let indexing: iot.ThingIndexingConfiguration = { thingIndexingMode: 'OFF' };

  return {
    DescribeEndpoint: ({ endpointType }: iot.DescribeEndpointRequest): iot.DescribeEndpointResponse => {
      switch (endpointType) {
        case 'iot:Data-ATS':
        case 'iot:Data':
          return { endpointAddress: endpoints.data() };
        case 'iot:CredentialProvider':
          return { endpointAddress: endpoints.credentials() };
        default:
          throw invalid(`There is no endpoint ${endpointType}`);
      }
    },

    UpdateEventConfigurations: ({ eventConfigurations = {} }: iot.UpdateEventConfigurationsRequest) => {
      for (const [type, { Enabled = false } = {}] of Object.entries(eventConfigurations)) {
        if (Enabled) store.events.add(type);
        else store.events.delete(type);
      }
      return {};
    },

    DescribeEventConfigurations: (): iot.DescribeEventConfigurationsResponse => ({
      eventConfigurations: Object.fromEntries([...store.events].map((type) => [type, { Enabled: true }])),
    }),

    GetIndexingConfiguration: (): iot.GetIndexingConfigurationResponse => ({ thingIndexingConfiguration: indexing }),

    UpdateIndexingConfiguration: ({ thingIndexingConfiguration }: iot.UpdateIndexingConfigurationRequest) => {
      indexing = thingIndexingConfiguration ?? indexing;
      return {};
    },

    DescribeIndex: ({ indexName }: iot.DescribeIndexRequest): iot.DescribeIndexResponse => {
      const isThere = indexName === INDEX && indexing.thingIndexingMode !== 'OFF';
      existing(new Map(isThere ? [[INDEX, true]] : []), 'Index', indexName);
      return { indexName, indexStatus: 'ACTIVE', schema: indexing.thingIndexingMode };
    },

    CreateRoleAlias: ({
      roleAlias = '',
      roleArn = '',
      credentialDurationSeconds = 3600,
    }: iot.CreateRoleAliasRequest) => {
      vacant(store.roleAliases, 'Role alias', roleAlias);
      const roleAliasArn = `${store.arn}:rolealias/${roleAlias}`;
      store.roleAliases.set(roleAlias, { roleAlias, roleAliasArn, roleArn, credentialDurationSeconds });
      return { roleAlias, roleAliasArn };
    },

    DescribeRoleAlias: ({ roleAlias }: iot.DescribeRoleAliasRequest): iot.DescribeRoleAliasResponse => ({
      roleAliasDescription: { ...existing(store.roleAliases, 'Role alias', roleAlias), owner: store.arn.split(':')[4] },
    }),

    CreateAuthorizer: (request: iot.CreateAuthorizerRequest): iot.CreateAuthorizerResponse => {
      const { authorizerName = '', authorizerFunctionArn = '', status = 'INACTIVE', signingDisabled = false } = request;
      vacant(store.authorizers, 'Authorizer', authorizerName);
      if (!signingDisabled) throw invalid('Authorizers whose tokens are signed for AWS IoT are not known here');
      const authorizerArn = `${store.arn}:authorizer/${authorizerName}`;
      store.authorizers.set(authorizerName, { authorizerName, authorizerArn, authorizerFunctionArn, status });
      return { authorizerName, authorizerArn };
    },

    DescribeAuthorizer: ({ authorizerName }: iot.DescribeAuthorizerRequest): iot.DescribeAuthorizerResponse => ({
      authorizerDescription: {
        ...existing(store.authorizers, 'Authorizer', authorizerName),
        status: existing(store.authorizers, 'Authorizer', authorizerName).status as iot.AuthorizerStatus,
        signingDisabled: true,
      },
    }),
  };
}

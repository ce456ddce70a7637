import * as z from 'zod';

/** A value of a provisioning template, which parameters may be in. */
type Value = z.infer<typeof value>;

const value = z.union([
  z.string(),
  z.strictObject({ Ref: z.string() }),
  z.strictObject({
    'Fn::Join': z.tuple([z.string(), z.array(z.union([z.string(), z.strictObject({ Ref: z.string() })]))]),
  }),
]);

const override = z.enum(['DO_NOTHING', 'REPLACE', 'MERGE', 'FAIL']);

const thing = z.strictObject({
  Type: z.literal('AWS::IoT::Thing'),
  Properties: z.strictObject({
    ThingName: value,
    ThingTypeName: value.optional(),
    AttributePayload: z.record(z.string(), value).optional(),
    ThingGroups: z.array(value).optional(),
  }),
  OverrideSettings: z
    .strictObject({
      AttributePayload: override.optional(),
      ThingTypeName: override.optional(),
      ThingGroups: override.optional(),
    })
    .optional(),
});

const certificate = z.strictObject({
  Type: z.literal('AWS::IoT::Certificate'),
  Properties: z.strictObject({ CertificateId: value, Status: value.optional() }),
});

const policy = z.strictObject({
  Type: z.literal('AWS::IoT::Policy'),
  Properties: z.strictObject({ PolicyName: value }),
});

/**
 * What is understood of a provisioning template: a thing, a certificate and a policy that is there already.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
 */
const body = z.strictObject({
  Parameters: z.record(z.string(), z.strictObject({ Type: z.literal('String'), Default: z.string().optional() })),
  Resources: z.record(z.string(), z.discriminatedUnion('Type', [thing, certificate, policy])),
  DeviceConfiguration: z.record(z.string(), value).optional(),
});

export type TemplateBody = z.infer<typeof body>;
export type Parameters = Readonly<Record<string, string>>;

/** @throws Error for what isn't understood */
export function parseTemplate(text: string): TemplateBody {
  return body.parse(JSON.parse(text));
}

/** The one that each new certificate has, and that no device gives. */
export const CERTIFICATE_ID = 'AWS::IoT::Certificate::Id';

/** The parameters that are missing, or that the template has not. */
export function wrongParameters({ Parameters: known }: TemplateBody, given: Parameters): string[] {
  const missing = Object.entries(known).filter(
    ([name, { Default }]) => name !== CERTIFICATE_ID && Default === undefined && given[name] === undefined,
  );
  const unknown = Object.keys(given).filter((name) => !(name in known) || name === CERTIFICATE_ID);
  return [...missing.map(([name]) => name), ...unknown];
}

/** What a thing, a certificate and a policy are to be like. */
export function resolveTemplate(
  { Parameters: known, Resources, DeviceConfiguration }: TemplateBody,
  given: Parameters,
) {
  const defaults = Object.fromEntries(
    Object.entries(known).flatMap(([name, { Default }]) => (Default === undefined ? [] : [[name, Default]])),
  );
  const all: Parameters = { ...defaults, ...given };
  const resolve = (text: Value): string => {
    if (typeof text === 'string') return text;
    if ('Ref' in text) {
      if (all[text.Ref] === undefined) throw new Error(`There is no parameter ${text.Ref}`);
      return all[text.Ref];
    }
    const [separator, parts] = text['Fn::Join'];
    return parts.map(resolve).join(separator);
  };
  const resolveAll = (texts: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, resolve(text)]));

  const resources = Object.values(Resources);
  return {
    things: resources.flatMap((resource) => {
      if (resource.Type !== 'AWS::IoT::Thing') return [];
      const { ThingName, ThingTypeName, AttributePayload, ThingGroups } = resource.Properties;
      return {
        thingName: resolve(ThingName),
        thingTypeName: ThingTypeName && resolve(ThingTypeName),
        attributes: AttributePayload && resolveAll(AttributePayload),
        groups: ThingGroups?.map(resolve) ?? [],
        override: resource.OverrideSettings ?? {},
      };
    }),
    certificates: resources.flatMap((resource) => {
      if (resource.Type !== 'AWS::IoT::Certificate') return [];
      const { CertificateId, Status = 'ACTIVE' } = resource.Properties;
      return { certificateId: resolve(CertificateId), status: resolve(Status).toUpperCase() };
    }),
    policies: resources.flatMap((resource) =>
      resource.Type === 'AWS::IoT::Policy' ? resolve(resource.Properties.PolicyName) : [],
    ),
    deviceConfiguration: resolveAll(DeviceConfiguration ?? {}),
  };
}

export type Resolved = ReturnType<typeof resolveTemplate>;

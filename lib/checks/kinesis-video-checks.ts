import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  NestedStack,
  Stack,
  Token,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  type PolicyViolatingResource,
} from 'aws-cdk-lib';
import type { Finding, Rule } from './rule';
import { RULES } from './rules';
import { CheckedTemplate } from './template';

/**
 * Checks templates for what goes wrong with Kinesis Video Streams, AWS IoT and stream processors of Rekognition: devices
 * that reach each other's streams, viewers that may be cameras, media that is lost with its stack, and the like.
 *
 * For any app, whether it uses the constructs of this package or raw resources, because it reads what is synthesized:
 *
 * ```ts fixture=checks
 * Validations.of(app).addPlugins(new KinesisVideoChecks());
 * ```
 *
 * Errors fail the synthesis, warnings don't. What is as it should be is acknowledged where it is, and stays in the report
 * with the reason: `Validations.of(stream).acknowledge({ id: 'KinesisVideoChecks::StreamKey', reason: '…' })`.
 *
 * Each template is looked at by itself: a role whose policy is in another stack, or a value that is known at deployment
 * only, is no finding. The rules, and what each of them doesn't see, are in `docs/rules.md`.
 */
export class KinesisVideoChecks implements IPolicyValidationPlugin {
  /** The name in the report, which acknowledgements begin with. */
  public readonly name: string = 'KinesisVideoChecks';

  /** The ids of the rules, without the name. */
  public readonly ruleIds?: string[] = RULES.map(({ id }) => id);

  /** Called by the CDK when the templates are written. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = templatesOf(context).flatMap(({ path, region }) => {
      const template = new CheckedTemplate(JSON.parse(readFileSync(path, 'utf8')), region);
      return RULES.flatMap((rule) => [...rule.check(template)].map((finding) => ({ rule, path, finding })));
    });
    return {
      success: violations.every(({ rule }) => rule.severity !== 'error'),
      violations: grouped(violations),
    };
  }
}

/** The CDK names those of stacks only, but nested ones lie beside them. */
function templatesOf({ appConstruct, stackTemplates }: IPolicyValidationContext): { path: string; region?: string }[] {
  const stacks = appConstruct.node.findAll().filter((construct) => Stack.isStack(construct));
  return stackTemplates.flatMap(({ stackConstructPath, templatePath }) => {
    const own = stacks.find((stack) => stack.node.path === stackConstructPath);
    const region = own && !Token.isUnresolved(own.region) ? own.region : undefined;
    const nested = stacks
      .filter((stack) => NestedStack.isNestedStack(stack) && outermost(stack).node.path === stackConstructPath)
      .map((stack) => join(dirname(templatePath), stack.templateFile));
    return [templatePath, ...nested].map((path) => ({ path, region }));
  });
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}

interface Violation {
  readonly rule: Rule;
  readonly path: string;
  readonly finding: Finding;
}

/** Resources in which the same is wrong are one violation. */
function grouped(violations: Violation[]): PolicyViolation[] {
  const groups = new Map<string, PolicyViolation & { readonly violatingResources: PolicyViolatingResource[] }>();
  for (const { rule, path, finding } of violations) {
    const description = finding.detail === undefined ? rule.title : `${rule.title} (${finding.detail})`;
    const group = groups.get(`${rule.id} ${description}`) ?? {
      ruleName: rule.id,
      severity: rule.severity,
      description,
      fix: `${rule.fix} ${rule.link}`,
      violatingResources: [],
    };
    groups.set(`${rule.id} ${description}`, group);
    group.violatingResources.push({
      resourceLogicalId: finding.resource.logicalId,
      templatePath: path,
      locations: [finding.location],
    });
  }
  return [...groups.values()];
}

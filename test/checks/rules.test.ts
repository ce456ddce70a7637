import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { RULES } from '../../lib/checks/rules';
import { findingsOf, reportingApp } from '../support/checks';

const FOLDER = join(__dirname, 'templates');

const app = reportingApp();
const templates = new Map(
  RULES.map(({ id }) => [
    id,
    new CfnInclude(new Stack(app, id, { env: { region: 'eu-west-1' } }), 'Template', {
      templateFile: join(FOLDER, `${id}.yaml`),
    }),
  ]),
);
const findings = findingsOf(app);

/** The logical IDs in the template of the rule. */
function idsOf(id: string): string[] {
  return templates.get(id)!.node.children.map(({ node }) => node.id);
}

test('each rule has a template, and each template a rule', () => {
  const ids = RULES.map(({ id }) => `${id}.yaml`);
  expect(readdirSync(FOLDER).sort()).toEqual([...new Set(ids)].sort());
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const found = findings.filter(({ rule: which, path }) => which === id && path.startsWith(`${id}/`));

  test('finds what is bad in its template, and nothing that is good', () => {
    const ids = idsOf(id);
    expect(ids.filter((logicalId) => logicalId.startsWith('Good'))).not.toEqual([]);
    const bad = ids.filter((logicalId) => logicalId.startsWith('Bad'));
    expect(bad).not.toEqual([]);
    expect([...new Set(found.map(({ logicalId }) => logicalId))].sort()).toEqual(bad.sort());
  });

  test('says what is wrong, where, and what to do', () => {
    for (const { severity, description, fix, path, locations, logicalId } of found) {
      expect(description.startsWith(rule.title)).toBe(true);
      expect({ severity, fix, path }).toEqual({
        severity: rule.severity,
        fix: `${rule.fix} ${rule.link}`,
        path: `${id}/Template/${logicalId}`,
      });
      expect(locations).toEqual([expect.stringMatching(/^(Properties(\.\w+)*|DeletionPolicy|UpdateReplacePolicy)$/)]);
    }
    expect(rule.link).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.+\.html$/);
  });
});

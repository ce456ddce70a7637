/** Texts of schemas, which test/schemas compares with what is published. */
const CALLS = ['describe', 'meta'];

/** Texts of rules, which test/checks/documentation compares with what is published. */
const TEXTS = ['title', 'why', 'fix', 'unseen', 'link'];

const isOfSchema = ({ node, parent }) =>
  parent?.type === 'CallExpression' &&
  parent.callee !== node &&
  parent.callee.type === 'MemberExpression' &&
  CALLS.includes(parent.callee.property.name);

const isOfRule = ({ parent, parentPath }) => {
  const keys = parentPath?.parent?.properties?.map(({ key }) => key?.name) ?? [];
  return (
    parent?.type === 'ObjectProperty' &&
    TEXTS.includes(parent.key.name) &&
    ['why', 'link'].every((key) => keys.includes(key))
  );
};

/** Leaves such texts as they are. https://stryker-mutator.io/docs/stryker-js/disable-mutants/ */
const ignorer = {
  shouldIgnore(path) {
    if (isOfSchema(path)) return 'a text of a schema';
    return isOfRule(path) ? 'a text of a rule' : undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'descriptions', value: ignorer }];

/** Texts of schemas, which test/schemas compares with what is published. */
const CALLS = ['describe', 'meta'];

/** Leaves the arguments of such calls as they are. https://stryker-mutator.io/docs/stryker-js/disable-mutants/ */
const ignorer = {
  shouldIgnore({ node, parent }) {
    const isDescription =
      parent?.type === 'CallExpression' &&
      parent.callee !== node &&
      parent.callee.type === 'MemberExpression' &&
      CALLS.includes(parent.callee.property.name);
    return isDescription ? 'a text of a schema' : undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'descriptions', value: ignorer }];

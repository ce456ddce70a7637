import awscdk from 'eslint-plugin-awscdk';
import tseslint from 'typescript-eslint';

/** The conventions of the CDK. All else is in .oxlintrc.json, which takes seconds where this takes minutes. */
export default tseslint.config({
  files: ['lib/**/*.ts', 'bin/**/*.ts', 'examples/**/*.ts'],
  extends: [tseslint.configs.base, awscdk.configs.recommended],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    // It doesn't know `props: XxxProps = {}`, the convention where every property is optional.
    'awscdk/construct-constructor-property': 'off',
    // It doesn't see that props are passed on as a whole.
    'awscdk/no-unused-props': 'off',
  },
});

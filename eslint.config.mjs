import awscdk from 'eslint-plugin-awscdk';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: ['build/', 'dist/', 'cdk.out*/', 'coverage/', 'node_modules/', 'test/package/consumer/'],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    // Each is in the project of another folder, which would be read once more for it alone.
    files: ['console/build.ts', 'bench/console.ts'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    files: ['lib/**/*.ts', 'bin/**/*.ts', 'examples/**/*.ts'],
    extends: [awscdk.configs.recommended],
    rules: {
      // It doesn't know `props: XxxProps = {}`, the convention where every property is optional.
      'awscdk/construct-constructor-property': 'off',
      // It doesn't see that props are passed on as a whole.
      'awscdk/no-unused-props': 'off',
    },
  },
  prettier,
);

import awscdk from 'eslint-plugin-awscdk';
import tseslint from 'typescript-eslint';

const { 'no-construct-in-public-property-of-construct': publicProperties } = awscdk.rules;

/** `IAlarm` has no `addAlarmAction`, so whoever gets one of ours couldn't have it tell anybody. */
const ALLOWED = ['Alarm', 'CompositeAlarm'];

/** That public properties are interfaces, but for alarms. */
const publicPropertiesButAlarms = {
  ...publicProperties,
  create: (context) =>
    publicProperties.create(
      Object.create(context, {
        report: { value: (problem) => ALLOWED.includes(problem.data.typeName) || context.report(problem) },
      }),
    ),
};

/** The conventions of the CDK. All else is in .oxlintrc.json, which takes seconds where this takes minutes. */
export default tseslint.config({
  files: ['lib/**/*.ts', 'bin/**/*.ts', 'examples/**/*.ts'],
  extends: [tseslint.configs.base, awscdk.configs.recommended],
  plugins: { own: { rules: { 'no-construct-but-alarms': publicPropertiesButAlarms } } },
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    // It doesn't know `props: XxxProps = {}`, the convention where every property is optional.
    'awscdk/construct-constructor-property': 'off',
    // It doesn't see that props are passed on as a whole.
    'awscdk/no-unused-props': 'off',
    'awscdk/no-construct-in-public-property-of-construct': 'off',
    'own/no-construct-but-alarms': 'error',
  },
});

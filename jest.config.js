// Workers inherit these. The CDK takes the stack of each resource, with its positions in the sources, for debugging.
process.env.CDK_DISABLE_STACK_TRACE = '1';
// Its own rules are applied where they are what is tested (test/support/default-rules.ts).
process.env.CDK_VALIDATION = 'false';
// It says so at each file, on Node.js before 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.env.CDK_CONTEXT_JSON = JSON.stringify({
  // It copies all bundles into each assembly, for a deployment.
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:disable-creation-stack-traces': true,
});

// For the workers, which are started with these. Tests make much that is soon garbage: with a young generation of the size that
// Node.js gives it, a fifth of their time goes to collecting it.
process.execArgv.push('--max-semi-space-size=64');

/** @type {import('jest').Config} */
module.exports = {
  // The CDK is loaded once in each worker.
  testEnvironment: '<rootDir>/test/support/jest/environment.js',
  runtime: '<rootDir>/test/support/jest/runtime.js',
  // Jest leaves a core free, which is half of a small machine.
  maxWorkers: '100%',
  // What test files leave behind slows those that follow down, up to ten times.
  workerIdleMemoryLimit: '2GB',
  // For what hangs: some tests start processes of their own, which take their time on a busy machine.
  testTimeout: 60_000,
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/jest/global-setup.js',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.js',
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  // The examples import the package by its name, as users do.
  moduleNameMapper: { '^cdk-kinesis-video$': '<rootDir>/lib' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['lib/**/*.ts', 'lambda/**/*.ts', 'cli/**/*.ts', 'device/**/*.ts', 'bin/**/*.ts'],
};

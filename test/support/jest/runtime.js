const { createRequire } = require('node:module');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/** What takes seconds to load, and keeps nothing from one test to the next. */
const SHARED = /^(aws-cdk-lib|constructs)(\/|$)/;

/** Loads the CDK once in each worker, where Jest loads it anew for each test file: most of the time that they take. */
class SharedRuntime extends Runtime {
  constructor(...options) {
    super(...options);
    // In the same realm as the libraries, so that an array is an array to both.
    this.executor.compile = (source, filename) =>
      compileFunction(source, this.executor.injectedModuleParameters, { filename });
  }

  requireModule(from, moduleName, ...options) {
    return moduleName && SHARED.test(moduleName)
      ? createRequire(from)(moduleName)
      : super.requireModule(from, moduleName, ...options);
  }
}

module.exports = { __esModule: true, default: SharedRuntime };

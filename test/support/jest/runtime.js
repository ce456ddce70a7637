const { createRequire } = require('node:module');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/**
 * What keeps nothing from one test to the next, and takes seconds to load, is an ES module, which Node.js itself can load, or
 * warns of being there twice.
 */
const SHARED = /^(aws-cdk-lib|constructs|aedes|mediabunny)(\/|$)/;

/** Loads such once in each worker, where Jest loads the CDK anew for each test file: most of the time that they take. */
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

const { createRequire } = require('node:module');
const { default: SharedRuntime } = require('../test/support/jest/runtime.js');

/** What is of the test that runs. */
const OWN = /^(\.|\/|node:|jest|@jest\/|@aws-lambda-powertools\/|cdk-kinesis-video$)/;

/** Loads all packages once: a mutant's tests take a tenth of the time, and are run for hundreds of mutants. */
class MutationRuntime extends SharedRuntime {
  constructor(...options) {
    super(...options);
    // A mutant is there from when its source is loaded: of one that stays loaded, none would ever be found.
    this.sharesLibrary = false;
  }

  requireModule(from, moduleName, ...options) {
    return moduleName && !OWN.test(moduleName) && !from.includes('/node_modules/')
      ? createRequire(from)(moduleName)
      : super.requireModule(from, moduleName, ...options);
  }
}

module.exports = { __esModule: true, default: MutationRuntime };

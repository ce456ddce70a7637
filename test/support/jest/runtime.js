const { createRequire, Module } = require('node:module');
const { dirname, join, resolve, sep } = require('node:path');
const { Script } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/**
 * What keeps nothing from one test to the next, and takes seconds to load, is an ES module, which Node.js itself can load, or
 * warns of being there twice.
 */
const SHARED =
  /^(aws-cdk-lib|constructs|aedes|mediabunny|zod|fast-check|cdk-nag|@aws-cdk\/[^/]+|@cloud-copilot\/[^/]+)(\/|$)/;

/** The constructs keep nothing either. */
const LIBRARY = join(__dirname, '..', '..', '..', 'lib');

/** What is compiled, by the names of the files: for the next test file they are the same. */
const scripts = new Map();

/** Where the library has its source maps, by the names of its files. */
const libraryMaps = new Map();

/** Loads such once in each worker, where Jest loads the CDK anew for each test file: most of the time that they take. */
class SharedRuntime extends Runtime {
  constructor(...options) {
    super(...options);
    const [, , , , , { collectCoverage }, , { watch, watchAll }] = options;
    // What is covered is counted for each test file, and in a watched folder the library changes.
    this.sharesLibrary = !collectCoverage && !watch && !watchAll;
    for (const [path, map] of libraryMaps) this.getSourceMaps().set(path, map);
    const wrapper = `(function (${this.executor.injectedModuleParameters.join(', ')}) {`;
    // In the same realm as the libraries, so that an array is an array to both.
    this.executor.compile = (source, filename) => {
      let compiled = scripts.get(filename);
      if (compiled?.source !== source) {
        const script = new Script(`${wrapper}${source}\n})`, { filename, columnOffset: -wrapper.length });
        compiled = { source, script };
        scripts.set(filename, compiled);
      }
      return compiled.script.runInThisContext();
    };
  }

  requireModule(from, moduleName, ...options) {
    if (!moduleName) return super.requireModule(from, moduleName, ...options);
    if (SHARED.test(moduleName)) return createRequire(from)(moduleName);
    const path = moduleName === 'cdk-kinesis-video' ? LIBRARY : resolve(dirname(from), moduleName);
    const shared = this.sharesLibrary && (path === LIBRARY || path.startsWith(LIBRARY + sep));
    return shared ? this.requireLibrary(path) : super.requireModule(from, moduleName, ...options);
  }

  /** By Node.js itself, from what Jest has transformed. */
  requireLibrary(path) {
    const before = Module._extensions['.ts'];
    Module._extensions['.ts'] = (module, filename) => {
      module._compile(this.transformCache.transform(filename), filename);
      libraryMaps.set(filename, this.transformCache.getSourceMaps().get(filename));
    };
    try {
      return require(path);
    } finally {
      if (before) Module._extensions['.ts'] = before;
      else delete Module._extensions['.ts'];
    }
  }
}

module.exports = { __esModule: true, default: SharedRuntime };

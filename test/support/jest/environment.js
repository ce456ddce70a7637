const { AsyncLocalStorage } = require('node:async_hooks');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/**
 * Which storages are in use: each is asked at each promise of the process, those that a test file left behind as well. That is a
 * quarter of the time of tests that have many.
 */
const storages = new Set();
for (const method of ['run', 'enterWith']) {
  const use = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...given) {
    if (holdsTests(given[0])) return oneAtATime(this).run(...given);
    storages.add(this);
    return use.apply(this, given);
  };
}

/** Whether it is what Jest keeps: the test, or the hook of one, that runs. */
function holdsTests(store) {
  return store?.test?.type === 'test' || /^(before|after)(All|Each)$/.test(store?.hook?.type);
}

/** One test runs after the other, so a variable knows of the one whose error it is when none has caught it. */
function oneAtATime(storage) {
  let current;
  storage.getStore = () => current;
  storage.run = async (store, callback) => {
    const before = current;
    current = store;
    try {
      return await callback();
    } finally {
      current = before;
    }
  };
  return storage;
}

/**
 * The test files of a worker share its global object, as they share the CDK (see runtime.js). What a file leaves in
 * the environment of the process, in the globals or in the timers is undone when it ends.
 */
class SharedEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis)).filter(([, { configurable }]) => configurable);
  variables = { ...process.env };
  folder = process.cwd();
  exit = process.exit;

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {
    // Jest has it take a hundred frames of each error, and the CDK takes the stack of each of its objects that is acknowledged.
    Error.stackTraceLimit = 20;
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    for (const storage of storages) storage.disable();
    storages.clear();
    for (const [name, descriptor] of this.globals) Object.defineProperty(globalThis, name, descriptor);
    for (const name of Object.keys(process.env)) {
      if (!(name in this.variables)) delete process.env[name];
    }
    Object.assign(process.env, this.variables);
    process.chdir(this.folder);
    process.exit = this.exit;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }
}

module.exports = SharedEnvironment;

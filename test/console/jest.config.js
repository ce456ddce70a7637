// Read when handlers are loaded; what they write is of no interest here.
process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED = 'true';

const unit = require('../../jest.config');

const [[, transformer]] = Object.entries(unit.transform);

/** The tests of the console in a browser, which `jest` alone doesn't run. */
module.exports = {
  ...unit,
  rootDir: '../..',
  roots: ['<rootDir>/test/console', '<rootDir>/test/on-prem', '<rootDir>/test/device-kit', '<rootDir>/test/local'],
  testMatch: ['**/*.browser.ts'],
  globalSetup: '<rootDir>/test/console/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/console/support/global-teardown.ts',
  // Modules of these are ES modules only.
  transform: { '^.+\\.(ts|mjs|js)$': transformer },
  transformIgnorePatterns: ['/node_modules/(?!(is-plain-obj|jose|oauth2-mock-server)/)'],
  // One browser for all. They wait more than they compute; a third would make those late that work on video as it comes.
  maxWorkers: 2,
  testTimeout: 30_000,
};

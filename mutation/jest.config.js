const { resolve } = require('node:path');
const tests = require('../jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  ...tests,
  rootDir: resolve(__dirname, '..'),
  runtime: '<rootDir>/mutation/runtime.js',
  // Stryker wraps it, and knows nothing of the root.
  testEnvironment: resolve(__dirname, '..', 'test', 'support', 'jest', 'environment.js'),
};

const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** What tests leave in temporary folders, as each app does its assembly, is in one, which goes with the run. */
module.exports = () => {
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'tests-'));
};

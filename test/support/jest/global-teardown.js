const { rmSync } = require('node:fs');
const { dirname } = require('node:path');

module.exports = () => {
  rmSync(process.env.TMPDIR, { recursive: true, force: true });
  // The process may run tests again, as Stryker does for each mutant.
  process.env.TMPDIR = dirname(process.env.TMPDIR);
};

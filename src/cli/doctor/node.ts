import type { Finding } from './finding.ts';

const OLDEST = { major: 20, minor: 19 };
const RECOMMENDED_MAJOR = 24;

/** @param version as `process.versions.node` has it. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const check = 'Node';
  const advice = `Install Node ${RECOMMENDED_MAJOR}: https://nodejs.org/en/download`;
  const isTooOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  if (isTooOld) {
    return {
      check,
      status: 'fail',
      detail: `${version}; ${OLDEST.major}.${OLDEST.minor} or newer is needed`,
      advice,
    };
  }
  if (major < 22) {
    return {
      check,
      status: 'warn',
      detail: `${version} works, but its makers no longer maintain it`,
      advice,
    };
  }
  return { check, status: 'ok', detail: version };
}

export { Fmp4Packager } from './packager.ts';

export { type UrlCamera, UrlDriver, type UrlDriverOptions } from './url-driver.ts';
export type { UrlInput } from './url-input.ts';

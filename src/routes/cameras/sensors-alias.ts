const PUBLISHED = /^(\/cameras?\/[^/?]+)\/(?:sensors|stream)(?=[/?]|$)/;

/** The address with `streams` where it says `sensors` or `stream`, as Robopipe's published examples do. */
export const sensorsAsStreams = (url: string): string => url.replace(PUBLISHED, '$1/streams');

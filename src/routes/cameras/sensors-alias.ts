const SENSORS = /^(\/cameras?\/[^/?]+)\/sensors(?=[/?]|$)/;

/** The address with `streams` where it says `sensors`, as Robopipe's published examples do. */
export const sensorsAsStreams = (url: string): string => url.replace(SENSORS, '$1/streams');

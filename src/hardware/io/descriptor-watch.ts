/** What a watched descriptor tells. */
export interface DescriptorListener {
  /**
   * Bytes that were read: whole records, as many as were there (at most `maxBytes`). The receiver owns them.
   * @param readUs when they were read, CLOCK_MONOTONIC in microseconds.
   */
  onBytes(bytes: Uint8Array, readUs: number): void;
  /** The descriptor failed or was hung up (the device is gone); it is no longer watched. At most once. */
  onEnd(error: Error): void;
}

/**
 * Reads descriptors as they turn readable: events of GPIO lines, samples of IIO buffers. One thread with one poll()
 * serves all of them; nothing blocks the event loop or its pool. The thread starts with the first descriptor.
 */
export interface DescriptorWatch {
  /**
   * Watches a descriptor until disposed. The caller owns the descriptor, has made it non-blocking, and closes it only
   * after the disposal has resolved: no read is under way then.
   * @param options.maxBytes most bytes of one read, a multiple of the record's size.
   */
  watch(fd: number, options: { readonly maxBytes: number }, listener: DescriptorListener): AsyncDisposable;
}

/** One piece of hardware that was found on this machine, and how to configure it. */
export interface FoundHardware {
  /** One line: `gpiochip0  pinctrl-bcm2711  58 lines`. */
  readonly title: string;
  /** Its parts, one line each: `17  GPIO17  input  free`. */
  readonly details: readonly string[];
  /** An entry of `io.drivers` that uses it, with a name; absent when there is nothing to use. */
  readonly suggestion?: { readonly name: string; readonly config: Readonly<Record<string, unknown>> };
}

/**
 * Looks for one kind of hardware without driving or claiming anything. What may not be read is told in `details`.
 * @param roots where the kernel's file systems are mounted.
 */
export type Discover = (roots: {
  readonly sys: string;
  readonly dev: string;
}) => Promise<readonly FoundHardware[]>;

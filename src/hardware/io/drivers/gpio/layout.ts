/*
 * The part of linux/gpio.h (GPIO uAPI v2) that the service uses, as numbers: 64-bit little-endian Linux.
 * Names are the kernel's, so that every number can be looked up and compared with the headers by a program
 * (layout.test.ts does).
 */

/** Sizes and field offsets in bytes. Members of unions carry their path. */
export const STRUCTS = {
  gpiochip_info: { sizeof: 68, name: 0, label: 32, lines: 64 },
  gpio_v2_line_values: { sizeof: 16, bits: 0, mask: 8 },
  gpio_v2_line_attribute: { sizeof: 16, id: 0, flags: 8, values: 8, debounce_period_us: 8 },
  gpio_v2_line_config_attribute: { sizeof: 24, attr: 0, mask: 16 },
  gpio_v2_line_config: { sizeof: 272, flags: 0, num_attrs: 8, attrs: 32 },
  gpio_v2_line_request: {
    sizeof: 592,
    offsets: 0,
    consumer: 256,
    config: 288,
    num_lines: 560,
    event_buffer_size: 564,
    fd: 588,
  },
  gpio_v2_line_info: { sizeof: 256, name: 0, consumer: 32, offset: 64, num_attrs: 68, flags: 72, attrs: 80 },
  gpio_v2_line_event: { sizeof: 48, timestamp_ns: 0, id: 8, offset: 12, seqno: 16, line_seqno: 20 },
} as const;

/** Request numbers of ioctl(2). */
export const REQUESTS = {
  GPIO_GET_CHIPINFO_IOCTL: 0x8044b401,
  GPIO_V2_GET_LINEINFO_IOCTL: 0xc100b405,
  GPIO_V2_GET_LINE_IOCTL: 0xc250b407,
  GPIO_V2_LINE_SET_CONFIG_IOCTL: 0xc110b40d,
  GPIO_V2_LINE_GET_VALUES_IOCTL: 0xc010b40e,
  GPIO_V2_LINE_SET_VALUES_IOCTL: 0xc010b40f,
} as const;

/** Constants of the same header. */
export const VALUES = {
  GPIO_MAX_NAME_SIZE: 32,
  GPIO_V2_LINES_MAX: 64,
  GPIO_V2_LINE_NUM_ATTRS_MAX: 10,
  GPIO_V2_LINE_FLAG_USED: 0x0001,
  GPIO_V2_LINE_FLAG_ACTIVE_LOW: 0x0002,
  GPIO_V2_LINE_FLAG_INPUT: 0x0004,
  GPIO_V2_LINE_FLAG_OUTPUT: 0x0008,
  GPIO_V2_LINE_FLAG_EDGE_RISING: 0x0010,
  GPIO_V2_LINE_FLAG_EDGE_FALLING: 0x0020,
  GPIO_V2_LINE_FLAG_OPEN_DRAIN: 0x0040,
  GPIO_V2_LINE_FLAG_OPEN_SOURCE: 0x0080,
  GPIO_V2_LINE_FLAG_BIAS_PULL_UP: 0x0100,
  GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN: 0x0200,
  GPIO_V2_LINE_FLAG_BIAS_DISABLED: 0x0400,
  GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME: 0x0800,
  GPIO_V2_LINE_FLAG_EVENT_CLOCK_HTE: 0x1000,
  GPIO_V2_LINE_ATTR_ID_FLAGS: 1,
  GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES: 2,
  GPIO_V2_LINE_ATTR_ID_DEBOUNCE: 3,
  GPIO_V2_LINE_EVENT_RISING_EDGE: 1,
  GPIO_V2_LINE_EVENT_FALLING_EDGE: 2,
} as const;

import { type Config, sensorSettings } from '../config/index.ts';
import type { ChildProcesses } from '../core/child-process.ts';
import { systemClock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { CameraDirectory } from '../hardware/cameras/directory.ts';
import { createSimulatedDriver, type ScheduledFault } from '../hardware/cameras/simulated/index.ts';
import { UrlDriver } from '../hardware/cameras/url/index.ts';
import { createV4l2Driver } from '../hardware/cameras/v4l2/index.ts';
import type { H264Encoders } from '../streams/encoders/ffmpeg/index.ts';

type Fault = Config['cameras']['simulated']['faults'][number];

/** What cameras are opened with. */
export interface CameraServices {
  readonly log: Log;
  readonly processes: ChildProcesses;
  /** Asked when a network camera is opened that does not give H.264; undefined until ffmpeg has been probed. */
  readonly encoders: () => H264Encoders | undefined;
}

/**
 * The cameras that the configuration wants, with the drivers that find them. Owned by the caller; `refresh` looks
 * for the first time.
 */
export function openCameras(config: Config, { log, processes, encoders }: CameraServices): CameraDirectory {
  const { v4l2, simulated, url } = config.cameras;
  const directory = new CameraDirectory({
    log,
    labelOf: (mxid, sensor) => sensorSettings(config, mxid, sensor).label,
  });
  const { stallTimeoutMs } = config.streams;
  const onChange = (): void => directory.changed();
  if (v4l2.enabled) directory.add(createV4l2Driver({ onChange, log, stallTimeoutMs }));
  directory.add(
    new UrlDriver({
      cameras: Object.entries(url).map(([name, { sensors }]) => ({ name, sensors })),
      processes,
      program: config.ffmpeg.path,
      encoders: {
        choose: (codec) => probed(encoders()).choose(codec),
        get renderNode() {
          return probed(encoders()).renderNode;
        },
      },
      encoderSettings: (mxid, sensor) => sensorSettings(config, mxid, sensor).encoder,
      stallTimeoutMs,
      clock: systemClock,
    }),
  );
  if (simulated.enabled !== 'never') {
    const { seed, faults } = simulated;
    const cameras = [{ mxid: 'SIMULATED1', seed, faults: faults.map(scheduled) }];
    const driver = createSimulatedDriver({ cameras, onChange, clock: systemClock, stallTimeoutMs });
    directory.add(driver, { isStandIn: simulated.enabled === 'auto' });
  }
  return directory;
}

function probed(encoders: H264Encoders | undefined): H264Encoders {
  if (encoders === undefined) throw new Error('A camera was opened before ffmpeg was probed.');
  return encoders;
}

/** A configured fault in the driver's words. */
function scheduled({ afterMs, ...fault }: Fault): ScheduledFault {
  const afterOpeningMs = afterMs;
  if (fault.kind === 'resize') return { ...fault, afterOpeningMs };
  return { kind: fault.kind, forMs: fault.durationMs, afterOpeningMs };
}

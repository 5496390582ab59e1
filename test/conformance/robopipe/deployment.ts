import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { type Answer, field, type Session } from './session.ts';
import { SocketRecorder } from './socket-recorder.ts';

/** Where the model of a stream is, and the socket of its results. */
export const NN = '/cameras/{mxid}/streams/{stream}/nn';

/** A model and how it is sent. */
export interface Deployment {
  readonly model: Uint8Array;
  /** Absent as in the published script. */
  readonly config?: object;
  /** R1's name of the field, R1d's unless said. */
  readonly field?: 'nn_config' | 'config';
  readonly isConfigFirst?: boolean;
}

/** Deploys a model as a form of several parts. */
export function deploy(session: Session, deployment: Deployment): Promise<Answer> {
  const { model, config, field = 'config', isConfigFirst = false } = deployment;
  const body = new FormData();
  const addConfig = (): void => {
    if (config !== undefined) body.append(field, JSON.stringify(config));
  };
  if (isConfigFirst) addConfig();
  body.append('model', new Blob([new Uint8Array(model)]), 'model.onnx');
  if (!isConfigFirst) addConfig();
  return session.request(NN, { method: 'POST', body });
}

/** Configuration of a YOLO model, with numbers as text as pages send them. */
export const yoloConfig = ({ models }: Session, type = 'YOLO') => ({
  type,
  num_inference_threads: '1',
  nn_config: {
    num_classes: models.yoloClasses ?? 80,
    coordinate_size: 4,
    confidence_threshold: '0.01',
    iou_threshold: 0.5,
  },
});

/** A fact that needs a model which runs; it is removed afterwards. */
export function modelFact(
  fact: Omit<Fact, 'check'>,
  kind: 'generic' | 'yolo' | 'mobileNet',
  deployment: (session: Session) => Omit<Deployment, 'model'>,
  look: (session: Session, deployed: Answer) => Promise<Verdict>,
): Fact {
  return {
    ...fact,
    check: async (session) => {
      const model = session.models[kind];
      if (model === undefined) return skipped(`no ${kind} model was given`);
      try {
        const deployed = await deploy(session, { model, ...deployment(session) });
        if (deployed.status === 501)
          return skipped(`no inference here: ${shown(field(deployed.json, 'detail'))}`);
        if (deployed.status >= 300) return verdict(false, `${deployed.status} ${shown(deployed.text)}`);
        return await look(session, deployed);
      } finally {
        await session.request(NN, { method: 'DELETE' });
      }
    },
  };
}

/** The next results that a client gets. */
export async function results(session: Session, count: number, path = NN): Promise<unknown[]> {
  using client = new SocketRecorder(session.socketUrl(path));
  await client.more(count);
  return client.messages.map(({ bytes, isBinary }) => (isBinary ? 'binary' : JSON.parse(bytes.toString())));
}

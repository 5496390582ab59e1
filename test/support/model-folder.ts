import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of model files that goes away with its test. */
export class ModelFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vidicon-model-'));

  /** @returns the path of a file with these bytes. */
  file(bytes: Uint8Array): string {
    const path = join(this.#folder, 'model.onnx');
    writeFileSync(path, bytes);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';

/** The tfjs module, as loaded. */
export type Tensors = typeof import('@tensorflow/tfjs');

/** What computes the training: TensorFlow's C library, WebAssembly, or plain JavaScript. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** The chosen backend and why the faster ones were passed over. */
export type Backend = {
  readonly tf: Tensors;
  readonly name: BackendName;
  readonly passedOver: readonly string[];
};

let loading: Promise<Backend> | undefined;

/** Loads the fastest backend that proves itself by one operation: tfjs-node, else wasm, else cpu. */
export const loadBackend = (): Promise<Backend> => {
  loading ??= chooseBackend();
  return loading;
};

const chooseBackend = async (): Promise<Backend> => {
  const tf = await import('@tensorflow/tfjs');
  const passedOver: string[] = [];
  const candidates: [BackendName, () => Promise<void>][] = [
    ['tensorflow', loadNative],
    ['wasm', loadWasm],
  ];
  for (const [name, load] of candidates) {
    try {
      await load();
      if (!(await tf.setBackend(name))) throw new Error('it does not start');
      await tf.ready();
      await prove(tf);
      return { tf, name, passedOver };
    } catch (error) {
      passedOver.push(`${name}: ${firstLine(error)}`);
    }
  }
  await tf.setBackend('cpu');
  await tf.ready();
  return { tf, name: 'cpu', passedOver };
};

const loadNative = async (): Promise<void> => {
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  if (!('isNullOrUndefined' in util))
    Object.defineProperty(util, 'isNullOrUndefined', {
      value: (value: unknown) => value === null || value === undefined,
    });
  // Not a literal: the package is optional, so the compiler must not look for its types.
  const name = '@tensorflow/tfjs-node';
  await import(name);
};

const loadWasm = async (): Promise<void> => {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const entry = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${dirname(entry)}/`);
};

const prove = async (tf: Tensors): Promise<void> => {
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
  const [value] = await product.data();
  product.dispose();
  if (value !== 11) throw new Error(`1·3 + 2·4 gave ${value}`);
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

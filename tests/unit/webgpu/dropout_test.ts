import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { fillBits, streamKey } from "../../../stages/random.ts";
import { dropoutMask } from "../../../stages/tensor/ops/dropout_mask.ts";
import { flatGroups, flatIndex, kernelOf } from "../../../stages/tensor/webgpu/kernel_code.ts";
import { THREEFRY } from "../../../stages/tensor/webgpu/threefry.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const KEYS = [[0, 0], [0xffffffff, 0xffffffff], streamKey(2 ** 40 + 1, "dropout", 3, 7)] as const;

gpuTest("Threefry in WGSL draws the words of a stream", async () => {
  const backend = await startGpu();
  const kernel = kernelOf("words of a test", () => ({
    bindings: [{ name: "words", type: "u32", write: true }],
    numbers: ["count: u32", "first: u32", "key0: u32", "key1: u32"],
    workgroup: [64],
    declarations: THREEFRY,
    main: `${flatIndex(64)}
      let key = vec2<u32>(numbers.key0, numbers.key1);
      if (index < numbers.count) { words[index] = bits_at(key, numbers.first + index); }`,
  }));
  const count = 3001;
  for (const key of KEYS) {
    for (const first of [0, 1, 2 ** 32 - count]) {
      const words = backend.empty([count], "int32");
      const groups = flatGroups(count, 64);
      backend.run(kernel, { tensors: [words], groups, numbers: [count, first, ...key] });
      const expected = new Uint32Array(count);
      fillBits(key, expected, first);
      const found = await words.data<"int32">();
      assertEquals(new Uint32Array(found.buffer, found.byteOffset, count), expected);
      words.dispose();
    }
  }
});

gpuTest("masks of dropout have the bytes of their definition", async () => {
  await startGpu();
  for (const key of KEYS) {
    for (const [size, p] of [[1, 0.5], [4099, 0.5], [1022, 0.1], [7, 0]] as const) {
      const found: Float32Array[] = [];
      for (const backend of ["cpu", "webgpu"]) {
        await tf.setBackend(backend);
        const mask = dropoutMask(key, [size], p);
        found.push((await mask.data<"float32">()).slice());
        mask.dispose();
      }
      assertEquals(found[1], found[0]);
    }
  }
});

// In a bundle, this stands for esbuild, which would read sources.
export const bundled = "not needed: a bundle carries the digests of its code";
export const version = bundled;
export function transform() {
  return Promise.reject(new Error("esbuild is not part of a bundle, which has no sources"));
}
export const build = transform;
export function stop() {
  return Promise.resolve();
}

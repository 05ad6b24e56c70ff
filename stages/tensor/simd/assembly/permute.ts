/** Copies a tensor with its axes in another order. */

/**
 * y (n0, n1, n2, n3, n4, n5), contiguous, where a step along axis i of y is a step of s_i numbers in x.
 * Arguments: x, y, n0 .. n5, s0 .. s5, planes of an item. A plane is what the last two axes span.
 */
export function permute(args: usize, item: i32, _scratch: usize): void {
  const n1 = load<i32>(args, 12), n2 = load<i32>(args, 16), n3 = load<i32>(args, 20);
  const n4 = load<i32>(args, 24), n5 = load<i32>(args, 28);
  const each = load<i32>(args, 56);
  const planes = load<i32>(args, 8) * n1 * n2 * n3;
  const last = min(planes, item * each + each);
  const s4 = (load<i32>(args, 48) as usize) << 2, s5 = (load<i32>(args, 52) as usize) << 2;
  let to = load<usize>(args, 4) + (((item * each * n4 * n5) as usize) << 2);
  for (let plane = item * each; plane < last; plane++) {
    let rest = plane;
    let start = (rest % n3) * load<i32>(args, 44);
    rest /= n3;
    start += (rest % n2) * load<i32>(args, 40);
    rest /= n2;
    start += (rest % n1) * load<i32>(args, 36) + (rest / n1) * load<i32>(args, 32);
    let row = load<usize>(args) + ((start as usize) << 2);
    for (let i = 0; i < n4; i++) {
      let from = row;
      let j = 0;
      if (s5 === 4) {
        for (; j + 4 <= n5; j += 4) {
          v128.store(to, v128.load(from));
          from += 16, to += 16;
        }
      }
      for (; j < n5; j++) {
        store<f32>(to, load<f32>(from));
        from += s5, to += 4;
      }
      row += s4;
    }
  }
}

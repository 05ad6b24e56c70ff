import { assertEquals } from "@std/assert";
import { formatNtuName, parseNtuName } from "../../../stages/formats/ntu_name.ts";
import { parseNwUclaName } from "../../../stages/formats/nw_ucla_name.ts";

Deno.test("an NTU name is read and written", () => {
  const name = { setup: 17, camera: 3, performer: 106, replication: 2, action: 120 };
  assertEquals(parseNtuName("S017C003P106R002A120"), name);
  assertEquals(formatNtuName(name), "S017C003P106R002A120");
});

Deno.test("what is no NTU name is refused", () => {
  for (
    const name of [
      ...["", "walking", "S001C001P001R001A01", "S001C001P001R001A0011", "s001c001p001r001a001"],
      ...["S001C004P001R001A001", "S000C001P001R001A001", "S001C001P001R001A000"],
      ...["S001C001P001R001A001.skeleton", "xS001C001P001R001A001", "S001 C001P001R001A001"],
    ]
  ) assertEquals(parseNtuName(name), undefined, name);
});

Deno.test("a Northwestern-UCLA name is read; episodes count from 0", () => {
  assertEquals(parseNwUclaName("a12_s10_e00_v03"), {
    action: 12,
    subject: 10,
    episode: 0,
    view: 3,
  });
  for (const name of ["a1_s01_e00_v01", "a01_s01_e00_v01 (1)", "S001C001P001R001A001"]) {
    assertEquals(parseNwUclaName(name), undefined, name);
  }
});

import { assertEquals } from "@std/assert";
import { probeName, shortProbeName } from "../../../stages/results/probe_names.ts";

Deno.test("kinds of classifier have names for people, those with a number in them too", () => {
  assertEquals(["knn5", "linear_converged", "semi_supervised", "my_own"].map(probeName), [
    "kNN, k = 5",
    "linear, converged",
    "semi-supervised",
    "my own",
  ]);
  assertEquals(probeName("ensemble_joint_0.5_bone_0.5_motion_1"), "ensemble 0.5/0.5/1");
  assertEquals(["linear_converged", "knn20"].map(shortProbeName), ["converged", "kNN, k = 20"]);
});

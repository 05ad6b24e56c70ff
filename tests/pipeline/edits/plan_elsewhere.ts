/**
 * Plans a workbench that another process computed: `plan_elsewhere.ts FOLDER`. Prints the states of its
 * stages as JSON.
 *
 * @module
 */
import { Workbench } from "./workbench.ts";

const { stages } = await Workbench.at(Deno.args[0]!).plan();
console.log(JSON.stringify(Object.fromEntries(stages.map(({ node, state }) => [node.id, state]))));

import { sum } from "./lib/sum.ts";

self.onmessage = ({ data }) => self.postMessage(sum(data));

// Runs in a worker of Node.js.
import { parentPort } from "node:worker_threads";
import { serve } from "./serve.js";

const receive = serve((message, transfer) => parentPort.postMessage(message, transfer));
parentPort.on("message", receive);

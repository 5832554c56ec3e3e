// Runs in a worker of a browser.
import { serve } from "./serve.js";

const receive = serve((message, transfer) => self.postMessage(message, transfer));
self.addEventListener("message", (event) => receive(event.data));

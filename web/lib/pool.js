// Workers, and the calls that wait for one. A call that is aborted while it runs takes its worker with it.

import { ResiduaError } from "./errors.js";

const inNode = typeof process === "object" && process.versions?.node && typeof Worker === "undefined";

// {post, end, hold} of a worker; hold(true) keeps Node.js from ending meanwhile.
async function startWorker(receive, failed) {
    if (inNode) {
        const { Worker } = await import(/* @vite-ignore */ "node:worker_threads");
        const worker = new Worker(new URL("./worker-node.js", import.meta.url), { execArgv: [] });
        worker.on("message", receive);
        worker.on("error", (error) => failed(error.message));
        return {
            post: (message) => worker.postMessage(message),
            end: () => worker.terminate(),
            hold: (on) => (on ? worker.ref() : worker.unref()),
        };
    }
    const worker = newWorker();
    worker.addEventListener("message", (event) => receive(event.data));
    worker.addEventListener("error", (event) => failed(event.message ?? "the worker could not be started"));
    return { post: (message) => worker.postMessage(message), end: () => worker.terminate(), hold() {} };
}

function newWorker() {
    const here = new URL(import.meta.url);
    if (here.protocol.startsWith("http") && here.origin !== globalThis.location?.origin) {
        // A browser starts no worker from another server, but one that imports from there.
        const start = new Blob([`import ${JSON.stringify(new URL("./worker.js", here).href)};`], {
            type: "text/javascript",
        });
        return new Worker(URL.createObjectURL(start), { type: "module", name: "residua" });
    }
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "residua" });
}

class WorkerSlot {
    #options;
    #worker;
    #waiting = new Map();
    #next = 1;
    #extra = []; // models that were added
    busy = false;

    constructor(options) {
        this.#options = options;
    }

    #receive({ id, result, error, progress }) {
        const waiting = this.#waiting.get(id);
        if (!waiting) return;
        if (progress !== undefined) return waiting.progress?.(progress);
        this.#waiting.delete(id);
        if (error) waiting.reject(new ResiduaError(error.status, error.message));
        else waiting.resolve(result);
    }

    #send(worker, message, progress) {
        return new Promise((resolve, reject) => {
            const id = this.#next++;
            this.#waiting.set(id, { resolve, reject, progress });
            worker.post({ id, ...message });
        });
    }

    #start() {
        this.#worker ??= (async () => {
            const worker = await startWorker(
                (message) => this.#receive(message),
                (why) => this.stop(new ResiduaError("internal", `the worker failed: ${why}`)),
            );
            try {
                await this.#send(worker, { open: this.#options });
                for (const model of this.#extra)
                    await this.#send(worker, { call: "addModel", args: [model] });
                worker.hold(false);
            } catch (error) {
                worker.end();
                this.#worker = undefined;
                throw error;
            }
            return worker;
        })();
        return this.#worker;
    }

    async run({ call, args, signal, progress }) {
        const worker = await this.#start();
        signal?.throwIfAborted();
        const abort = () => this.stop(signal.reason);
        signal?.addEventListener("abort", abort, { once: true });
        worker.hold(true);
        try {
            return await this.#send(worker, { call, args }, progress);
        } finally {
            worker.hold(false);
            signal?.removeEventListener("abort", abort);
        }
    }

    async addModel(bytes) {
        const started = this.#worker;
        if (started) await this.run({ call: "addModel", args: [bytes] });
        this.#extra.push(bytes);
    }

    /** Ends the worker, and what waits for it. The next call starts another. */
    stop(reason) {
        this.#worker?.then(
            (worker) => worker.end(),
            () => {},
        );
        this.#worker = undefined;
        const waiting = [...this.#waiting.values()];
        this.#waiting.clear();
        for (const { reject } of waiting) reject(reason);
    }

    start() {
        return this.#start();
    }
}

export class Pool {
    #slots;
    #queue = [];
    #closed = false;

    constructor({ workers = 1, ...options }) {
        if (!Number.isInteger(workers) || workers < 1 || workers > 64)
            throw new ResiduaError("invalid argument", "workers is a number from 1 to 64");
        this.#slots = Array.from({ length: workers }, () => new WorkerSlot(options));
    }

    /** Starts the first worker, so that a module that cannot be loaded is known at once. */
    async open() {
        await this.#slots[0].start();
    }

    call(call, args, { signal, onProgress } = {}) {
        if (this.#closed) return Promise.reject(new ResiduaError("cancelled", "residua was closed"));
        if (signal?.aborted) return Promise.reject(signal.reason);
        return new Promise((resolve, reject) => {
            const job = { call, args, signal, progress: onProgress, resolve, reject };
            // One that still waits leaves the queue.
            job.left = () => {
                const place = this.#queue.indexOf(job);
                if (place < 0) return;
                this.#queue.splice(place, 1);
                reject(signal.reason);
            };
            signal?.addEventListener("abort", job.left, { once: true });
            this.#queue.push(job);
            this.#next();
        });
    }

    #next() {
        const slot = this.#slots.find(({ busy }) => !busy);
        if (!slot || this.#queue.length === 0) return;
        const job = this.#queue.shift();
        job.signal?.removeEventListener("abort", job.left);
        slot.busy = true;
        slot.run(job)
            .then(job.resolve, job.reject)
            .finally(() => {
                slot.busy = false;
                this.#next();
            });
    }

    async addModel(bytes) {
        for (const slot of this.#slots) await slot.addModel(bytes);
    }

    close() {
        this.#closed = true;
        const reason = new ResiduaError("cancelled", "residua was closed");
        for (const job of this.#queue.splice(0)) job.reject(reason);
        for (const slot of this.#slots) slot.stop(reason);
    }
}

// The WebAssembly module: which of the two this engine runs, and what the module needs of JavaScript.

import { ResiduaError } from "./errors.js";

// Two modules of some bytes, which an engine takes only where it has vectors of 128 bits, and exceptions.
const SIMD_PROBE = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
    11,
];
const EXCEPTIONS_PROBE = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 6, 64, 25, 11, 11,
];
const takes = (bytes) => WebAssembly.validate(new Uint8Array(bytes));

/** "simd" or "plain". */
export function chooseVariant() {
    if (typeof WebAssembly !== "object" || !takes(EXCEPTIONS_PROBE))
        throw new ResiduaError(
            "unsupported",
            "this browser lacks WebAssembly with exceptions; a newer one is needed",
        );
    return takes(SIMD_PROBE) ? "simd" : "plain";
}

/** The bytes behind a URL; in Node.js also of file: URLs, which its fetch does not know. */
export async function fetchBytes(url) {
    if (url.protocol === "file:" && typeof process === "object" && process.versions?.node) {
        const { readFile } = await import(/* @vite-ignore */ "node:fs/promises");
        return new Uint8Array(await readFile(url));
    }
    let response;
    try {
        response = await fetch(url);
    } catch (cause) {
        throw new ResiduaError("input/output", `could not fetch ${url.pathname}: ${cause.message}`);
    }
    if (!response.ok)
        throw new ResiduaError(
            "input/output",
            `could not fetch ${url.pathname}: the server answers ${response.status}`,
        );
    return new Uint8Array(await response.arrayBuffer());
}

/**
 * Instantiates the module. `calls` has the functions that it calls: begin, metadata, rows, fill, take, progress. What
 * one of them throws would leave the module in the middle of its work: they must not.
 */
export async function instantiate(module, calls) {
    let exports;
    const view = () => new DataView(exports.memory.buffer);
    const nothing = () => 0;
    // POSIX's number for "no such function": the library has no files here.
    const missing = () => 52;
    const system = {
        environ_sizes_get(count, size) {
            view().setUint32(count, 0, true);
            view().setUint32(size, 0, true);
            return 0;
        },
        environ_get: nothing,
        clock_time_get(_clock, _precision, time) {
            view().setBigUint64(time, BigInt(Math.round(performance.now() * 1e6)), true);
            return 0;
        },
        // Messages of the C library, where it ends everything; JavaScript gets the trap.
        fd_write(_file, vectors, count, written) {
            let total = 0;
            for (let i = 0; i < count; ++i) total += view().getUint32(vectors + 8 * i + 4, true);
            view().setUint32(written, total, true);
            return 0;
        },
        proc_exit(code) {
            throw new WebAssembly.RuntimeError(`the module ended with ${code}`);
        },
    };
    const imports = { residua: calls };
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
        if (from === "residua") continue;
        if (kind !== "function") throw new ResiduaError("internal", `the module imports ${from}.${name}`);
        (imports[from] ??= {})[name] =
            system[name] ?? (name === "emscripten_notify_memory_growth" ? nothing : missing);
    }
    ({ exports } = await WebAssembly.instantiate(module, imports));
    exports._initialize?.();
    return exports;
}

// Programs compiled to WebAssembly see Node.js's environment variables (RESIDUA_CPU).
Module['preRun'] = [].concat(Module['preRun'] || [], () => Object.assign(ENV, process.env));
// Emscripten before 3.1.7 takes Node.js's fetch, which came with its version 18, for a browser's, and a path for a URL.
globalThis.fetch = undefined;

// Programs compiled to WebAssembly see Node.js's environment variables (RESIDUA_CPU).
Module['preRun'] = [].concat(Module['preRun'] || [], () => Object.assign(ENV, process.env));

// How long one thread takes to decode a file: both modules here, and the command line tool with AVX2.
//
//     node web/bench/speed.js PICTURE.rsd [path of residua]
//
// The best of several runs. Nothing else should be at work meanwhile.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Codec } from "../lib/codec.js";

const RUNS = 5;
const [file, tool = "build/release/tools/residua"] = process.argv.slice(2);
if (!file) {
    console.error("usage: node web/bench/speed.js PICTURE.rsd [path of residua]");
    process.exit(2);
}

async function best(decode) {
    let least = Infinity;
    for (let i = 0; i < RUNS; ++i) {
        const start = performance.now();
        await decode();
        least = Math.min(least, performance.now() - start);
    }
    return least / 1000;
}

const bytes = new Uint8Array(readFileSync(file));
// The tool's time has its start in it, some milliseconds.
const native = await best(() =>
    execFileSync(tool, ["verify", "-q", "--threads", "1", file], {
        env: { ...process.env, RESIDUA_CPU: "avx2" },
    }),
);
console.log(`avx2, the tool   ${native.toFixed(3)} s`);
for (const variant of ["simd", "plain"]) {
    const codec = new Codec({ base: new URL("../dist/", import.meta.url), variant });
    await codec.open();
    const seconds = await best(() => codec.decodeSamples(bytes));
    console.log(
        `${variant.padEnd(16)} ${seconds.toFixed(3)} s, ${(native / seconds).toFixed(2)} of the tool's speed`,
    );
}

// Damaged and hostile files end in a ResiduaError, and the same module goes on.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ResiduaError } from "../lib/errors.js";
import { golden, noise, openCodec, somePicture } from "./support.js";

const FILES = [
    "olm-mid",
    "olm-strips",
    "olm-metadata",
    "olm-rgba",
    "scc-screen",
    "scc-strips",
    "jpeg-phone",
    "jpeg-progressive",
    "jpeg-none",
];
// What a file can be: nothing here is a defect, or lies in a limit that was set.
const EXPECTED = ["corrupt", "truncated", "unsupported", "model missing", "memory limit"];

// Calls it, and expects a clear error or, where damage hit what matters to no pixel, the same result.
async function refused(codec, call, bytes, same) {
    let result;
    try {
        result = await codec[call](bytes);
    } catch (error) {
        assert.ok(error instanceof ResiduaError, `${error?.stack}`);
        assert.ok(EXPECTED.includes(error.status), `${error.status}: ${error.message}`);
        assert.ok(error.message.length > 10);
        return true;
    }
    assert.ok(same?.(result), `${call} took damaged bytes`);
    return false;
}

for (const variant of ["simd", "plain"]) {
    describe(variant, () => {
        let codec;
        before(async () => {
            codec = await openCodec({ variant });
        });

        for (const name of variant === "simd" ? FILES : FILES.slice(0, 5))
            test(`${name}, damaged in many places`, async () => {
                const file = golden(name);
                const call = name === "jpeg-none" ? "originalFile" : "decodeSamples";
                const good = await codec[call](file);
                const samples = (result) => result.data ?? result;
                const same = (result) =>
                    Buffer.compare(Buffer.from(samples(result).buffer), Buffer.from(samples(good).buffer)) ===
                    0;
                const random = noise(file.length);
                let refusals = 0;
                for (let i = 0; i < 25; ++i) {
                    const bytes = file.slice();
                    // The head more often than what follows.
                    const place = i < 12 ? i : random() % bytes.length;
                    bytes[place] ^= 1 << (random() % 8);
                    refusals += (await refused(codec, call, bytes, same)) ? 1 : 0;
                }
                assert.ok(refusals >= 20, `only ${refusals} were refused`);
                for (const share of [0, 0.01, 0.3, 0.7, 0.99]) {
                    const cut = file.slice(0, Math.floor(file.length * share));
                    assert.ok(
                        await refused(codec, call, cut),
                        `${cut.length} bytes of ${file.length} were taken`,
                    );
                }
                // What was refused has left nothing behind.
                assert.ok(same(await codec[call](file)));
            });

        test("bytes that are no file", async () => {
            const random = noise(7);
            for (const bytes of [
                new Uint8Array(0),
                new TextEncoder().encode("<html>not found</html>"),
                Uint8Array.from({ length: 5000 }, () => random() & 255),
            ])
                for (const call of ["info", "decode", "decodeSamples", "originalFile"])
                    assert.ok(await refused(codec, call, bytes));
        });

        test("random bytes behind a good head", async () => {
            const random = noise(11);
            for (const name of FILES) {
                const bytes = golden(name).map((byte, i) => (i < 24 ? byte : random() & 255));
                assert.ok(
                    await refused(codec, name === "jpeg-none" ? "originalFile" : "decodeSamples", bytes),
                );
            }
        });
    });
}

test("limits end a call before its work", async () => {
    const file = golden("olm-mid");
    for (const limits of [{ pixels: 60 * 47 }, { memory: 100000 }]) {
        const codec = await openCodec({ limits });
        await assert.rejects(codec.decode(file), { name: "ResiduaError", status: "memory limit" });
        assert.equal((await codec.info(file)).width, 61);
    }
    const strips = await openCodec({ limits: { strips: 1 } });
    await assert.rejects(strips.decode(golden("olm-strips")), { status: "memory limit" });
    const metadata = await openCodec({ limits: { metadata: 10 } });
    await assert.rejects(metadata.decode(golden("olm-metadata")), { status: "memory limit" });
});

test("a file that says that it is huge is refused by the limits of strangers' files", async () => {
    const codec = await openCodec({ variant: "simd" }, []);
    const file = await codec.encodeSamples(somePicture(64, 64), {});
    // The size stands behind the signature, the version, the codec and a flag (docs/format.md, 2): two varints of one byte.
    const grown = new Uint8Array(file.length + 6);
    grown.set(file.subarray(0, 7));
    grown.set([0xff, 0xff, 0x7f, 0xff, 0xff, 0x7f], 7);
    grown.set(file.subarray(9), 13);
    await assert.rejects(
        codec.decode(grown),
        (error) => error instanceof ResiduaError && EXPECTED.includes(error.status),
    );
});

test("a model that is not there is named", async () => {
    const codec = await openCodec({}, []);
    const { modelHash } = await codec.info(golden("olm-best"));
    await assert.rejects(
        codec.decode(golden("olm-best")),
        (error) => error.status === "model missing" && error.message.includes(modelHash),
    );
});

test("after a trap the next call has a new module", async () => {
    const codec = await openCodec({ variant: "simd" });
    // What a defect of the module would do.
    const throwing = (fraction) => {
        throw new WebAssembly.RuntimeError(`unreachable at ${fraction}`);
    };
    await assert.rejects(codec.decode(golden("olm-mid"), throwing), { status: "internal" });
    const { instantiate } = WebAssembly;
    let started = 0;
    WebAssembly.instantiate = (...what) => {
        ++started;
        return instantiate(...what);
    };
    try {
        // With the models that were added, too.
        for (let i = 0; i < 2; ++i) assert.equal((await codec.decode(golden("olm-mid"))).width, 61);
    } finally {
        WebAssembly.instantiate = instantiate;
    }
    assert.equal(started, 1);
});

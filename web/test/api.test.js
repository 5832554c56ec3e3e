// The package's functions, through workers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as residua from "residua";
import { golden, goldenModels, somePicture } from "./support.js";

afterEach(() => residua.close());

const imageData = (width, height) => ({
    width,
    height,
    data: new Uint8ClampedArray(somePicture(width, height, { alpha: true }).data),
});

test("pixels to a file and back, from every kind of bytes", async () => {
    const picture = imageData(40, 30);
    const shares = [];
    const file = await residua.encode(picture, { effort: 3, onProgress: (share) => shares.push(share) });
    assert.ok(file instanceof Uint8Array);
    assert.deepEqual(
        shares,
        [...shares].sort((a, b) => a - b),
    );
    const inside = new Uint8Array(file.length + 20);
    inside.set(file, 10);
    for (const source of [
        file,
        file.slice().buffer,
        new Blob([file]),
        inside.subarray(10, 10 + file.length),
        new DataView(inside.buffer, 10, file.length),
    ])
        assert.deepEqual((await residua.decode(source)).data, picture.data);
    // Nothing that was given has been taken away.
    assert.equal(picture.data.length, 40 * 30 * 4);
    assert.ok(file.length > 0);
});

test("metadata, information, PNG and blob", async () => {
    const metadata = [{ name: "xmp", data: new TextEncoder().encode("<x/>") }];
    const file = await residua.encode(imageData(40, 30), { metadata });
    const about = await residua.info(file);
    assert.deepEqual(
        [about.width, about.height, about.bits, about.colour, about.alpha, about.fileSize],
        [40, 30, 8, "rgb", true, file.length],
    );
    assert.deepEqual(about.metadata, metadata);
    const again = await residua.encodePng(await residua.toPng(file));
    assert.deepEqual(await residua.decodeSamples(again), await residua.decodeSamples(file));
    assert.equal((await residua.toBlob(file)).type, "image/png");
    const kept = await residua.toBlob(golden("jpeg-phone"));
    assert.equal(kept.type, "image/jpeg");
    assert.deepEqual(
        new Uint8Array(await kept.arrayBuffer()),
        await residua.originalFile(golden("jpeg-phone")),
    );
    assert.deepEqual(
        await residua.encodeJpeg(await residua.originalFile(golden("jpeg-phone"))),
        golden("jpeg-phone"),
    );
});

test("errors have a status, and the next call works", async () => {
    const wrong = [
        [() => residua.decode("text"), "invalid argument"],
        [() => residua.decode(new Uint8Array(10)), "corrupt"],
        [() => residua.decode(golden("olm-mid").slice(0, 200)), "truncated"],
        [() => residua.originalFile(golden("scc-screen")), "unsupported"],
        [() => residua.encode(imageData(4, 4), { effort: 10 }), "invalid argument"],
        [() => residua.encode(imageData(4, 4), { effort: 2.5 }), "invalid argument"],
        [() => residua.encode(imageData(4, 4), { codec: "png" }), "invalid argument"],
        [() => residua.encode({ width: 4, height: 5, data: new Uint8ClampedArray(64) }), "invalid argument"],
        [() => residua.encode({ width: 0, height: 5, data: new Uint8ClampedArray(0) }), "invalid argument"],
        [
            () => residua.encode(imageData(4, 4), { metadata: [{ name: "xmp", data: "text" }] }),
            "invalid argument",
        ],
        [
            () =>
                residua.encode(imageData(4, 4), {
                    metadata: [{ name: "with space", data: new Uint8Array(1) }],
                }),
            "invalid argument",
        ],
        [() => residua.encodeSamples({ ...somePicture(4, 4), bits: 17 }), "invalid argument"],
        [() => residua.encodeSamples({ ...somePicture(4, 4), bits: 9 }), "invalid argument"],
        [() => residua.encodeSamples({ ...somePicture(4, 4), bits: 4 }), "invalid argument"],
        [() => residua.encodeSamples({ ...somePicture(4, 4), colour: "constructor" }), "invalid argument"],
        [() => residua.addModel(new Uint8Array(100)), "corrupt"],
        [() => residua.encodePng(new Uint8Array(100)), "corrupt"],
    ];
    for (const [call, status] of wrong)
        await assert.rejects(
            call,
            (error) =>
                error instanceof residua.ResiduaError &&
                (error.status === status || assert.fail(`${call}: ${error.status}, ${error.message}`)),
        );
    assert.equal(
        (await residua.decode(golden("scc-screen").slice()).catch((error) => error)).status,
        "model missing",
    );
});

test("models that are added serve every worker, and the ones to come", async () => {
    await residua.init({ workers: 2 });
    for (const model of goldenModels()) await residua.addModel(model);
    const pictures = await Promise.all(
        ["olm-mid", "olm-fast", "olm-light", "olm-mid"].map((name) => residua.decode(golden(name))),
    );
    for (const { data } of pictures) assert.deepEqual(data, pictures[0].data);
});

test("a call can be aborted: while it runs, while it waits, before", async () => {
    const large = imageData(400, 300);
    const running = new AbortController();
    const waiting = new AbortController();
    const first = residua.encode(large, {
        effort: 9,
        signal: running.signal,
        onProgress: () => running.abort(),
    });
    const second = residua.encode(large, { effort: 9, signal: waiting.signal });
    const third = residua.encode(imageData(8, 8));
    waiting.abort(new Error("no longer wanted"));
    await assert.rejects(second, /no longer wanted/);
    await assert.rejects(first, { name: "AbortError" });
    assert.ok((await third).length > 0);
    await assert.rejects(residua.encode(large, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("close ends what is under way, and the next call starts anew", async () => {
    await residua.init();
    const call = residua.encode(imageData(400, 300), { effort: 9 });
    setTimeout(() => residua.close(), 50);
    await assert.rejects(call, { status: "cancelled" });
    assert.ok((await residua.encode(imageData(8, 8))).length > 0);
});

test("both variants, limits, and a folder that is not there", async () => {
    for (const [variant, kernels] of [
        ["plain", "scalar"],
        ["simd", "simd128"],
    ]) {
        await residua.init({ variant });
        assert.equal((await residua.about()).kernels, kernels);
    }
    await residua.init({ limits: { pixels: 100 } });
    await assert.rejects(residua.decode(golden("olm-mid")), { status: "memory limit" });
    await assert.rejects(residua.init({ base: new URL("nowhere/", import.meta.url) }));
    await assert.rejects(residua.init({ variant: "other" }), { status: "invalid argument" });
    await residua.init();
});

test("declarations: what is typed is there, and a program over it compiles", () => {
    const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
    const program = fileURLToPath(new URL("declarations.ts", import.meta.url));
    const options = [
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--lib",
        "es2022,dom",
    ];
    try {
        execFileSync(process.execPath, [tsc, ...options, program], { encoding: "utf8" });
    } catch (error) {
        assert.fail(error.stdout);
    }
    const declared = [
        "ResiduaError",
        "about",
        "addModel",
        "close",
        "decode",
        "decodeSamples",
        "encode",
        "encodeJpeg",
        "encodePng",
        "encodeSamples",
        "info",
        "init",
        "originalFile",
        "toBlob",
        "toPng",
    ];
    assert.deepEqual(Object.keys(residua).sort(), declared);
});

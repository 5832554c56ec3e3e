// The page, the element and the package in headless Chromium, with real files.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { readPng } from "../lib/png-read.js";
import { writePng } from "../lib/png-write.js";
import { serve } from "./browser/server.js";
import { GOLDEN, ROOT, golden, openCodec, somePicture } from "./support.js";

const executablePath = [
    process.env.CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));
const shots = process.env.RESIDUA_WEB_SCREENSHOTS; // a folder; then the page is photographed, too

const web = new URL("../", import.meta.url);
const html = "<b id=injected>&lt;<script>window.injected=1</script><img src=x onerror='window.injected=1'>";
let codec, browser, server, context, page, photo, kept, problems;

before(async () => {
    assert.ok(executablePath, "no Chromium is installed; CHROMIUM may name one");
    codec = await openCodec();
    const plot = await readPng(new Uint8Array(readFileSync(new URL("docs/results.png", ROOT))));
    photo = await codec.encodeSamples(
        {
            ...somePicture(300, 200),
            metadata: [
                { name: "xmp", data: new TextEncoder().encode(html) },
                { name: "png:tEXt", data: new TextEncoder().encode(`Comment\0${html}`) },
            ],
        },
        {},
    );
    kept = await codec.originalFile(golden("jpeg-phone"));
    assert.ok(plot.width > 100);
    const damaged = photo.slice();
    damaged[photo.length - 20] ^= 4;
    server = await serve({
        "/web/": web,
        "/files/picture.rsd": photo,
        "/files/kept.rsd": golden("jpeg-phone"),
        "/files/damaged.rsd": damaged,
        "/element.html": readFileSync(new URL("browser/element.html", import.meta.url)),
    });
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
after(async () => {
    await browser?.close();
    server?.close();
});

// A page that may fetch from this server only, and must not complain.
async function open(path, options = {}) {
    context = await browser.newContext({ acceptDownloads: true, ...options });
    page = await context.newPage();
    problems = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.stack));
    page.on(
        "request",
        (request) =>
            /^(blob|data):/.test(request.url()) ||
            request.url().startsWith(server.origin) ||
            problems.push(`asks for ${request.url()}`),
    );
    await page.goto(server.origin + path);
}
afterEach(async () => {
    await context?.close();
    context = undefined;
});

const file = (name, buffer, mimeType = "application/octet-stream") => ({
    name,
    mimeType,
    buffer: Buffer.from(buffer),
});
const choose = (...files) => page.locator("#files").setInputFiles(files);
const downloadBy = async (label) => {
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: label }).click(),
    ]);
    return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) };
};
const photographed = async (name) => {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: `${shots}/${name}.png` });
};
const scale = async () => parseFloat(await page.locator("#scale").textContent());

describe("the page", () => {
    beforeEach(() => open("/web/page/"));

    test("converts a PNG, shows its .rsd, and gives the same samples back", async () => {
        const source = new Uint8Array(readFileSync(new URL("docs/results.png", ROOT)));
        await choose(file("results.png", source, "image/png"));
        const made = await downloadBy("Save as .rsd");
        assert.equal(made.name, "results.rsd");
        assert.deepEqual(
            await codec.decodeSamples(made.bytes).then(({ data }) => data),
            (await readPng(source)).data,
        );
        await page.locator("#sizes-rows th", { hasText: "WebP" }).waitFor();
        const sizes = await page.locator("#sizes-rows tr").allTextContents();
        assert.match(sizes.join("\n"), /PNG, this file[\s\S]*Residua[\s\S]*WebP, lossless/);
        await photographed("png");

        await choose(file("results.rsd", made.bytes));
        const again = await downloadBy("Save as PNG");
        assert.deepEqual((await readPng(again.bytes)).data, (await readPng(source)).data);
        assert.match(await page.locator("#about").textContent(), /RGB.*8 bits/);
        // The browser's own reading of both pictures.
        const same = await page.evaluate(
            async ([a, b]) => {
                const pixels = async (numbers) => {
                    const bitmap = await createImageBitmap(new Blob([new Uint8Array(numbers)]));
                    const drawn = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
                    drawn.drawImage(bitmap, 0, 0);
                    return drawn.getImageData(0, 0, bitmap.width, bitmap.height).data;
                };
                const [one, two] = [await pixels(a), await pixels(b)];
                return (
                    one.length > 0 && one.length === two.length && one.every((value, i) => value === two[i])
                );
            },
            [[...source], [...again.bytes]],
        );
        assert.ok(same);
        assert.deepEqual(problems, []);
    });

    test("keeps a JPEG byte for byte", async () => {
        await choose(file("phone.jpg", kept, "image/jpeg"));
        const made = await downloadBy("Save as .rsd");
        assert.deepEqual(made.bytes, await codec.encodeJpeg(kept, { effort: 5 }));
        await choose(file("phone.rsd", made.bytes));
        const again = await downloadBy("Save as JPEG");
        assert.deepEqual([again.name, again.bytes], ["phone.jpg", kept]);
        assert.equal(await page.locator("#picture").evaluate((image) => image.naturalWidth), 125);
        assert.deepEqual(problems, []);
    });

    test("takes WebP by the browser's pixels, and effort", async () => {
        const webp = await page.evaluate(async () => {
            const canvas = new OffscreenCanvas(60, 40);
            const drawn = canvas.getContext("2d");
            for (let x = 0; x < 60; ++x)
                ((drawn.fillStyle = `rgb(${x * 4},90,${255 - x})`), drawn.fillRect(x, 0, 1, 40));
            return [
                ...new Uint8Array(
                    await (await canvas.convertToBlob({ type: "image/webp", quality: 1 })).arrayBuffer(),
                ),
            ];
        });
        await choose(file("stripes.webp", webp, "image/webp"));
        const usual = await downloadBy("Save as .rsd");
        const { data } = await codec.decode(usual.bytes);
        assert.deepEqual([...data.subarray(0, 8)], [0, 90, 255, 255, 4, 90, 254, 255]);
        await page.locator("#effort").press("End");
        await page.locator("#effort-word", { hasText: "9" }).waitFor();
        const best = await downloadBy("Save as .rsd");
        assert.deepEqual((await codec.decode(best.bytes)).data, data);
        assert.deepEqual(problems, []);
    });

    test("zooms: buttons, keys, wheel, dragging, double click", async () => {
        await choose(file("photo.rsd", await codec.encodeSamples(somePicture(2000, 300), { effort: 1 })));
        await page.getByRole("button", { name: "Save as PNG" }).waitFor();
        const fitted = await scale();
        assert.ok(fitted < 60, `${fitted} %`);
        await page.getByRole("button", { name: "1:1" }).click();
        assert.equal(await scale(), 100);
        await page.getByRole("button", { name: "Larger" }).click();
        assert.equal(await scale(), 150);
        const box = await page.locator("#stage").boundingBox();
        await page.mouse.move(box.x + 200, box.y + 150);
        await page.mouse.wheel(0, -200);
        await page.waitForFunction(() => parseFloat(document.getElementById("scale").textContent) > 200);
        const left = () => page.locator("#stage").evaluate((stage) => stage.scrollLeft);
        const before = await left();
        await page.mouse.down();
        await page.mouse.move(box.x + 100, box.y + 150);
        await page.mouse.up();
        assert.ok(Math.abs((await left()) - before - 100) <= 2, `${await left()} after ${before}`);
        await page.locator("#stage").focus();
        await page.keyboard.press("0");
        assert.equal(await scale(), fitted);
        await page.keyboard.press("+");
        assert.ok((await scale()) > fitted);
        await page.keyboard.press("1");
        assert.equal(await scale(), 100);
        const was = await left();
        await page.keyboard.press("ArrowRight");
        await page.waitForFunction((x) => document.getElementById("stage").scrollLeft > x, was);
        await page.locator("#stage").dblclick();
        assert.equal(await scale(), fitted);
        await page.locator("#stage").dblclick();
        assert.equal(await scale(), 100);
        assert.deepEqual(problems, []);
    });

    test("names and metadata are text, whatever they hold", async () => {
        await choose(file(`${html.replaceAll("/", "")}.rsd`, photo));
        await page.getByRole("button", { name: "Save as PNG" }).waitFor();
        assert.match(await page.locator("#name").textContent(), /<b id=injected>/);
        for (const summary of await page.locator("#metadata summary").all()) await summary.click();
        assert.match(await page.locator("#metadata").textContent(), /window\.injected/);
        assert.equal(await page.locator("#injected").count(), 0);
        assert.equal(await page.evaluate(() => window.injected), undefined);
        const entry = await downloadBy("Save XMP");
        assert.deepEqual(entry.bytes, new TextEncoder().encode(html));
        await photographed("metadata");
        assert.deepEqual(problems, []);
    });

    test("says what is wrong with a file, and goes on with the next", async () => {
        await choose(file("damaged.rsd", photo.slice(0, 300)));
        assert.match(await page.getByRole("alert").textContent(), /.{20}/);
        await page.getByRole("alert").waitFor();
        await choose(file("text.txt", Buffer.from("no picture"), "text/plain"));
        await page.getByRole("alert").filter({ hasText: "no picture that this browser shows" }).waitFor();
        await choose(file("none.rsd", golden("jpeg-none")));
        await page.getByRole("alert").filter({ hasText: "no picture to show" }).waitFor();
        await choose(file("photo.rsd", photo), file("kept.rsd", golden("jpeg-phone")));
        await page.getByRole("button", { name: "Save as PNG" }).waitFor();
        assert.equal(await page.getByRole("alert").isVisible(), false);
        await page.getByRole("button", { name: "kept.rsd" }).click();
        await page.getByRole("button", { name: "Save as JPEG" }).waitFor();
        assert.equal(await page.locator("[aria-current=true]").textContent(), "kept.rsd");
        assert.deepEqual(problems, []);
    });

    test("takes what is dropped", async () => {
        const transfer = await page.evaluateHandle(
            (numbers) => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(numbers)], "dropped.rsd"));
                return data;
            },
            [...photo],
        );
        await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
        assert.ok(await page.locator("#drop").isVisible());
        await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
        await page.getByRole("button", { name: "Save as PNG" }).waitFor();
        assert.equal(await page.locator("#drop").isVisible(), false);
        assert.equal(await page.locator("#name").textContent(), "dropped.rsd");
        assert.deepEqual(problems, []);
    });

    test("work can be cancelled, and another file chosen meanwhile", async () => {
        const large = await writePng(somePicture(1600, 1200));
        await choose(file("large.png", large, "image/png"));
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.locator("#status", { hasText: "Cancelled" }).waitFor({ state: "attached" });
        assert.equal(await page.locator("#downloads button").count(), 0);
        await choose(file("large.png", large, "image/png"));
        await page.getByRole("button", { name: "Cancel" }).waitFor();
        await choose(file("photo.rsd", photo));
        await page.getByRole("button", { name: "Save as PNG" }).waitFor();
        assert.equal(await page.locator("#downloads button").count(), 1);
        assert.deepEqual(problems, []);
    });

    test("can be used by keys, and has names for who does not see it", async () => {
        await choose(file("photo.rsd", photo));
        await page.getByRole("button", { name: "Save as PNG" }).waitFor();
        const names = [];
        await page.evaluate(() => document.activeElement.blur());
        for (let i = 0; i < 14; ++i) {
            await page.keyboard.press("Tab");
            names.push(
                await page.evaluate(() => document.activeElement.id || document.activeElement.textContent),
            );
        }
        for (const name of ["files", "fit", "actual", "out", "in", "stage", "Save as PNG"])
            assert.ok(names.includes(name), `${name} is not among ${names}`);
        assert.equal(await page.getByRole("img", { name: "photo.rsd" }).count(), 1);
        for (const role of ["banner", "main", "complementary"])
            assert.equal(await page.getByRole(role).count(), 1, role);
        // Whatever can be pressed has a name.
        const nameless = await page.evaluate(
            () =>
                [...document.querySelectorAll("button, input")].filter(
                    (e) => !(e.getAttribute("aria-label") || e.textContent || e.labels?.length),
                ).length,
        );
        assert.equal(nameless, 0);
    });
});

describe("wide and narrow, light and dark", () => {
    for (const [size, viewport] of [
        ["wide", { width: 1366, height: 800 }],
        ["narrow", { width: 390, height: 844 }],
    ])
        for (const colorScheme of ["light", "dark"])
            test(`${size}, ${colorScheme}`, async () => {
                await open("/web/page/", {
                    viewport,
                    colorScheme,
                    hasTouch: size === "narrow",
                    deviceScaleFactor: size === "narrow" ? 2 : 1,
                });
                await photographed(`${size}-${colorScheme}-welcome`);
                const source = process.env.RESIDUA_WEB_PHOTO ?? new URL("docs/results.png", ROOT);
                await choose(
                    file("results.png", readFileSync(source), "image/png"),
                    file("photo.rsd", photo),
                );
                await page.getByRole("button", { name: "Save as .rsd" }).waitFor();
                await page.locator("#sizes-rows th", { hasText: "WebP" }).waitFor();
                await photographed(`${size}-${colorScheme}`);
                const { wide, shown } = await page.evaluate(() => ({
                    wide: document.documentElement.scrollWidth,
                    shown: document.documentElement.clientWidth,
                }));
                assert.equal(wide, shown, "the page scrolls sideways");
                const small = await page.evaluate(
                    () =>
                        [...document.querySelectorAll(".toolbar button, #downloads button, #open")].filter(
                            (e) => e.getBoundingClientRect().height < 40,
                        ).length,
                );
                assert.equal(small, 0, "buttons are too small for fingers");
                if (size === "narrow") {
                    await page.locator("#sizes").scrollIntoViewIfNeeded();
                    await photographed(`${size}-${colorScheme}-sizes`);
                }
                assert.deepEqual(problems, []);
            });
});

describe("elements", () => {
    test("show pictures, say what failed, wait where they are lazy", async () => {
        await open("/element.html");
        await page.waitForFunction(
            () =>
                window.happened?.filter(([, , status], i, all) => status || all[i][1] === "load").length >= 7,
        );
        const happened = await page.evaluate(() => window.happened);
        const of = (id) =>
            happened
                .filter(([name]) => name === id)
                .map(([, type, status]) => (status ? `${type} ${status}` : type));
        assert.deepEqual(of("good"), ["load"]);
        assert.deepEqual(of("kept"), ["load"]);
        assert.deepEqual(of("damaged"), ["error corrupt"]);
        assert.deepEqual(of("missing"), ["error input/output"]);
        assert.equal(of("observed").at(-1), "load");
        assert.equal(of("broken").at(-1), "error corrupt");
        assert.deepEqual(of("lazy"), []);
        const sizes = await page.evaluate(() =>
            ["good", "kept", "observed"].map((id) => [
                document.getElementById(id).naturalWidth,
                document.getElementById(id).naturalHeight,
            ]),
        );
        assert.deepEqual(sizes, [
            [300, 200],
            [125, 95],
            [300, 200],
        ]);
        assert.deepEqual(
            await page.locator("#sized").evaluate((e) => [e.offsetWidth, e.offsetHeight]),
            [40, 20],
        );
        assert.equal(await page.getByRole("img", { name: "A picture" }).count(), 1);
        assert.equal(await page.getByRole("img", { name: "What it shows" }).count(), 1);
        assert.equal(await page.locator("#good").getAttribute("aria-busy"), null);
        // The pixels are those that were encoded.
        const expected = [...(await codec.decode(photo)).data.subarray(0, 4000)];
        const shown = await page.locator("#good").evaluate((element) => {
            const drawn = new OffscreenCanvas(300, 200).getContext("2d");
            drawn.drawImage(element.shadowRoot.querySelector("img"), 0, 0);
            return [...drawn.getImageData(0, 0, 300, 200).data.subarray(0, 4000)];
        });
        assert.deepEqual(shown, expected);

        await page.locator("#lazy").scrollIntoViewIfNeeded();
        await page.waitForFunction(() =>
            window.happened.some(([id, type]) => id === "lazy" && type === "load"),
        );
        // Another src, one that is taken away, and an <img> that comes later.
        await page.evaluate(() => {
            window.happened.length = 0;
            document.getElementById("good").src = "/files/kept.rsd";
            document.getElementById("kept").removeAttribute("src");
            const late = document.createElement("img");
            late.id = "late";
            late.src = "/files/kept.rsd";
            document.body.append(late);
            document.getElementById("observed").src = "/files/kept.rsd";
        });
        await page.waitForFunction(() =>
            ["good", "late", "observed"].every((name) =>
                window.happened.some(([id, type]) => id === name && type === "load"),
            ),
        );
        assert.equal(await page.locator("#good").evaluate((e) => e.naturalWidth), 125);
        assert.equal(await page.locator("#observed").evaluate((e) => e.naturalWidth), 125);
        assert.equal(await page.locator("#kept").evaluate((e) => e.naturalWidth), 0);
        await page.evaluate(() => {
            window.stop();
            window.happened.length = 0;
            document.getElementById("late").src = "/files/picture.rsd";
        });
        await page.waitForFunction(() => window.happened.length > 0);
        assert.deepEqual(await page.evaluate(() => window.happened), [["late", "error", undefined]]);
    });
});

test("both modules give the same pixels in a browser", async () => {
    await open("/web/page/");
    const sums = await page.evaluate(
        async (models) => {
            const residua = await import("/web/lib/index.js");
            const answers = [];
            for (const variant of ["simd", "plain"]) {
                await residua.init({ variant });
                for (const model of models) await residua.addModel(new Uint8Array(model));
                const picture = await residua.decode(
                    new Uint8Array(await (await fetch("/files/picture.rsd")).arrayBuffer()),
                );
                answers.push([
                    (await residua.about()).kernels,
                    picture instanceof ImageData,
                    [...picture.data],
                ]);
            }
            return answers;
        },
        [[...readFileSync(new URL("olm.rsm", GOLDEN))]],
    );
    const expected = [...(await codec.decode(photo)).data];
    assert.deepEqual(sums, [
        ["simd128", true, expected],
        ["scalar", true, expected],
    ]);
});

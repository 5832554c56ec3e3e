// The page: opens files, shows them, and converts them to .rsd and back.

import * as residua from "../lib/index.js";
import { KIND_NAMES, fromRsd, kindOf, otherSizes, pixelsOf, toRsd } from "./formats.js";
import { showMetadata } from "./metadata.js";
import { Viewer } from "./viewer.js";

const at = (id) => document.getElementById(id);
const LARGEST_COMPARED = 2 ** 24; // pixels that WebP is tried for, in the page's own thread
const EFFORT_WORDS = [
    "",
    "fastest",
    "fastest",
    "fast",
    "usual",
    "default",
    "usual",
    "small",
    "small",
    "smallest",
];

const viewer = new Viewer();
const files = [];
let current;
let work; // an AbortController of what is done for the current file

const thousands = new Intl.NumberFormat("en");
const say = (text) => (at("status").textContent = text);

// ---- Opening

async function open(list) {
    const opened = [...list].map((blob) => ({ blob, name: blob.name || "picture" }));
    if (opened.length === 0) return;
    files.push(...opened);
    listFiles();
    await select(opened[0]);
}

function listFiles() {
    at("opened").hidden = files.length < 2;
    at("opened").replaceChildren(
        ...files.map((file) => {
            const button = document.createElement("button");
            const name = document.createElement("span");
            name.textContent = file.name;
            button.append(name);
            if (file === current) button.setAttribute("aria-current", "true");
            button.addEventListener("click", () => select(file));
            return button;
        }),
    );
}

async function select(file) {
    work?.abort();
    const mine = (work = new AbortController());
    current = file;
    listFiles();
    at("welcome").hidden = true;
    at("viewer").hidden = at("details").hidden = false;
    at("name").textContent = file.name;
    at("about").replaceChildren();
    at("downloads").replaceChildren();
    for (const id of ["problem", "sizes", "metadata"]) at(id).hidden = true;
    at("sizes-rows").replaceChildren();
    viewer.clear();
    say(`Opening ${file.name}`);
    try {
        await prepare(file, mine.signal);
        facts(file);
        await show(file, mine.signal);
        if (mine.signal.aborted) return;
        facts(file);
        say(`${file.name} is shown`);
        await convert(file, mine);
    } catch (error) {
        if (!mine.signal.aborted) problem(error);
    }
}

async function prepare(file, signal) {
    file.bytes ??= new Uint8Array(await file.blob.arrayBuffer());
    file.kind ??= kindOf(file.bytes);
    if (file.kind === "rsd") file.about ??= await residua.info(file.bytes, { signal });
    signal.throwIfAborted();
    at("effort-row").hidden = file.kind === "rsd";
    if (file.about)
        showMetadata(file.about.metadata ?? [], (data, name) =>
            save(new Blob([data]), `${stem(file)}.${name}`),
        );
}

// Of a .rsd what the browser shows by itself; a kept file without pixels stays unseen.
async function show(file, signal) {
    if (file.about && file.about.width === 0)
        throw new residua.ResiduaError(
            "unsupported",
            "this file keeps another one byte for byte, and has no picture to show",
        );
    if (!file.shown) {
        const blob =
            file.kind === "rsd"
                ? await working(
                      file.about.codec === "jpeg" ? "" : "Decoding",
                      (options) => residua.toBlob(file.bytes, options),
                      signal,
                  )
                : file.blob;
        signal.throwIfAborted();
        file.shown = URL.createObjectURL(blob);
    }
    try {
        await viewer.show(file.shown, file.name);
    } catch (error) {
        signal.throwIfAborted();
        throw new residua.ResiduaError(
            "unsupported",
            file.kind === "other"
                ? "this is no picture that this browser shows"
                : `the browser does not show this picture: ${error.message}`,
        );
    }
}

function problem(error) {
    const text =
        error instanceof residua.ResiduaError ? error.message : `something went wrong: ${error.message}`;
    at("problem").textContent = text;
    at("problem").hidden = false;
    say("");
}

// ---- Converting

// A call with its progress shown, which the button ends.
async function working(what, call, signal) {
    at("work").hidden = false;
    at("progress").value = 0;
    if (what) at("progress").setAttribute("aria-label", what);
    try {
        return await call({ signal, onProgress: (fraction) => (at("progress").value = fraction) });
    } finally {
        if (!signal.aborted || work.signal === signal) at("work").hidden = true;
    }
}

async function convert(file, { signal }) {
    if (file.about && file.about.width === 0 && !file.about.keptJpeg) return;
    at("downloads").replaceChildren();
    const results = [];
    if (file.kind === "rsd") {
        const made = await working("Converting", (options) => fromRsd(file, options), signal);
        download(
            `Save as ${made.label}`,
            new Blob([made.bytes], { type: made.type }),
            `${stem(file)}.${made.extension}`,
        );
        results.push(
            { label: made.label, size: made.bytes.length },
            { label: "Residua", size: file.bytes.length },
        );
    } else {
        const effort = Number(at("effort").value);
        const start = performance.now();
        file.rsd = await working("Converting", (options) => toRsd(file, { effort, ...options }), signal);
        const seconds = (performance.now() - start) / 1000;
        download("Save as .rsd", new Blob([file.rsd]), `${stem(file)}.rsd`, true);
        results.push(
            {
                label: `${KIND_NAMES[file.kind] === "picture" ? typeName(file) : KIND_NAMES[file.kind]}, this file`,
                size: file.bytes.length,
            },
            { label: "Residua", size: file.rsd.length },
        );
        say(`Converted in ${seconds.toFixed(1)} seconds: ${thousands.format(file.rsd.length)} bytes`);
    }
    signal.throwIfAborted();
    sizes(results, noteOf(file));
    // JPEG files are lossy: pixels of theirs in other lossless formats are no comparison.
    if (file.kind === "jpeg" || file.about?.keptJpeg) return;
    const { width, height } = viewer.size;
    if (width * height > LARGEST_COMPARED) return;
    const pixels = await pixelsOf(file);
    signal.throwIfAborted();
    if (!pixels) return;
    const { png, webp } = await otherSizes(pixels);
    signal.throwIfAborted();
    if (png && file.kind === "other") results.push({ label: "PNG", size: png });
    if (webp) results.push({ label: "WebP, lossless", size: webp });
    sizes(results, noteOf(file));
}

function noteOf(file) {
    if (file.kind === "jpeg") return "The JPEG comes back with the same bytes.";
    if (file.kind === "png")
        return "Same samples, with profile, Exif, XMP and texts. What else a PNG has the command line tool keeps, too.";
    if (file.kind === "other")
        return "The pixels as this browser shows them, 8 bits each; metadata are not kept.";
    return "";
}

const typeName = (file) =>
    /^image\/[a-z0-9.+-]+$/.test(file.blob.type) ? file.blob.type.slice(6).toUpperCase() : "Picture";
const stem = (file) => file.name.replace(/\.[^.]*$/, "") || "picture";

function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function download(label, blob, name, primary = false) {
    const button = document.createElement("button");
    button.textContent = label;
    button.classList.toggle("primary", primary);
    button.addEventListener("click", () => save(blob, name));
    at("downloads").append(button);
}

// ---- What is said of a file

function bytesText(size) {
    const units = ["bytes", "kB", "MB", "GB"];
    let unit = 0;
    let value = size;
    for (; value >= 1000 && unit < 3; ++unit) value /= 1000;
    return unit === 0 ? `${size} bytes` : `${value.toPrecision(3)} ${units[unit]}`;
}

function facts(file) {
    const rows = [["Kind", file.kind === "other" ? typeName(file) : KIND_NAMES[file.kind]]];
    const { about } = file;
    const { width, height } = about ?? viewer.size;
    if (width) rows.push(["Size", `${thousands.format(width)} × ${thousands.format(height)} pixels`]);
    if (about?.width) {
        const colour = { grey: "grey", rgb: "RGB", cmyk: "CMYK" }[about.colour];
        rows.push([
            "Samples",
            `${colour}${about.alpha ? " with alpha" : ""}, ${about.bits} ${about.bits === 1 ? "bit" : "bits"}`,
        ]);
    }
    if (about) {
        const codec =
            {
                olm: "photographs (olm)",
                scc: "drawings (scc)",
                jpeg: "JPEG, byte for byte",
                rc: "rc",
                l3c: "l3c",
            }[about.codec] ?? about.codec;
        rows.push(["Codec", codec]);
        if (about.strips > 1) rows.push(["Strips", thousands.format(about.strips)]);
        rows.push(["Checksum", about.pixelChecksum]);
    }
    rows.push(["File", bytesText(file.bytes.length)]);
    at("about").replaceChildren(
        ...rows.flatMap(([name, value]) => {
            const term = document.createElement("dt");
            const text = document.createElement("dd");
            term.textContent = name;
            text.textContent = value;
            return [term, text];
        }),
    );
}

function sizes(results, note) {
    const largest = Math.max(...results.map(({ size }) => size));
    const smallest = Math.min(...results.map(({ size }) => size));
    at("sizes").hidden = false;
    at("sizes-note").textContent = note;
    at("sizes-rows").replaceChildren(
        ...results.flatMap(({ label, size }) => {
            const row = document.createElement("tr");
            const head = document.createElement("th");
            head.scope = "row";
            head.textContent = label;
            const number = row.appendChild(document.createElement("td"));
            number.textContent = `${bytesText(size)} · ${Math.round((size / largest) * 100)} %`;
            row.prepend(head);
            row.classList.toggle("best", size === smallest);
            const bars = document.createElement("tr");
            bars.setAttribute("aria-hidden", "true");
            const cell = bars.appendChild(document.createElement("td"));
            cell.colSpan = 2;
            cell.className = size === smallest ? "bar best" : "bar";
            cell.appendChild(document.createElement("div")).style.width = `${(size / largest) * 100}%`;
            return [row, bars];
        }),
    );
}

// ---- Controls

at("files").addEventListener("change", (event) => {
    open(event.target.files);
    event.target.value = "";
});
const effortWord = () =>
    (at("effort-word").value = `${at("effort").value}, ${EFFORT_WORDS[at("effort").value]}`);
at("effort").addEventListener("input", effortWord);
at("effort").addEventListener("change", async () => {
    if (!current?.bytes || current.kind === "rsd") return;
    work?.abort();
    const mine = (work = new AbortController());
    at("problem").hidden = true;
    try {
        await convert(current, mine);
    } catch (error) {
        if (!mine.signal.aborted) problem(error);
    }
});
at("cancel").addEventListener("click", () => {
    work?.abort();
    at("work").hidden = true;
    say("Cancelled");
});
effortWord();

let depth = 0; // of elements that a dragged file has come into
const dragged = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
    if (dragged(event)) {
        ++depth;
        at("drop").hidden = false;
    }
});
addEventListener("dragleave", (event) => {
    if (dragged(event) && --depth <= 0) at("drop").hidden = true;
});
addEventListener("dragover", (event) => dragged(event) && event.preventDefault());
addEventListener("drop", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    depth = 0;
    at("drop").hidden = true;
    open(event.dataTransfer.files);
});
addEventListener("paste", (event) => open(event.clipboardData?.files ?? []));

residua.init({ limits: { memory: 2 ** 31 } }).catch(problem);

// <residua-img src="x.rsd" alt="...">, and <img src="x.rsd"> for pages that call observe(). Both decode in the worker and
// show the result by a blob: the browser's own <img>, with alternative text, colour profile, and all that people do with
// pictures.

import { ResiduaError } from "./errors.js";
import * as residua from "./index.js";

async function fetched(url, signal) {
    let response;
    try {
        response = await fetch(url, { signal });
    } catch (cause) {
        if (signal.aborted) throw cause;
        throw new ResiduaError("input/output", `could not fetch the picture: ${cause.message}`);
    }
    if (!response.ok)
        throw new ResiduaError(
            "input/output",
            `could not fetch the picture: the server answers ${response.status}`,
        );
    return response.arrayBuffer();
}

// Fetches and decodes `source` for `image`, which shows it then. What is already under way for it is ended.
class Loader {
    #image;
    #abort;
    #shown;

    constructor(image) {
        this.#image = image;
    }

    async load(source) {
        this.stop();
        const abort = (this.#abort = new AbortController());
        const bytes = await fetched(source, abort.signal);
        const blob = await residua.toBlob(bytes, { signal: abort.signal });
        abort.signal.throwIfAborted();
        const shown = URL.createObjectURL(blob);
        this.#image.src = shown;
        try {
            await this.#image.decode();
        } catch {
            URL.revokeObjectURL(shown);
            abort.signal.throwIfAborted();
            throw new ResiduaError("out of memory", "the browser does not show a picture of this size");
        }
        this.#forget();
        this.#shown = shown;
        return blob;
    }

    stop() {
        this.#abort?.abort();
        this.#abort = undefined;
    }
    #forget() {
        if (this.#shown) URL.revokeObjectURL(this.#shown);
        this.#shown = undefined;
    }
    clear() {
        this.stop();
        this.#forget();
        this.#image.removeAttribute("src");
    }
}

const STYLE =
    ":host{display:inline-block}:host([hidden]){display:none}img{display:block;max-width:100%;height:auto}img[data-sized]{width:100%;height:100%}";

// A page's policy may forbid style elements, and an old browser knows nothing else.
let sheet;
function dress(root) {
    if ("adoptedStyleSheets" in root) {
        if (!sheet) {
            sheet = new CSSStyleSheet();
            sheet.replaceSync(STYLE);
        }
        root.adoptedStyleSheets = [sheet];
        return;
    }
    const style = document.createElement("style");
    style.textContent = STYLE;
    root.append(style);
}

// Pages may be rendered where there are no elements.
const Base = globalThis.HTMLElement ?? class {};

/**
 * Attributes src, alt, width, height and loading ("lazy"), as <img> has them. Events load and error, which do not bubble;
 * that of an error has the ResiduaError as `error`. The part "image" is the <img> inside.
 */
export class ResiduaImage extends Base {
    static observedAttributes = ["src", "alt", "width", "height", "loading"];
    #image;
    #loader;
    #asked = 0;
    #seen;
    complete = false;

    constructor() {
        super();
        const root = this.attachShadow({ mode: "open" });
        dress(root);
        this.#image = document.createElement("img");
        this.#image.part = "image";
        root.append(this.#image);
        this.#loader = new Loader(this.#image);
    }

    get src() {
        return this.getAttribute("src") ?? "";
    }
    set src(value) {
        this.setAttribute("src", value);
    }
    get alt() {
        return this.getAttribute("alt") ?? "";
    }
    set alt(value) {
        this.setAttribute("alt", value);
    }
    get naturalWidth() {
        return this.#image.naturalWidth;
    }
    get naturalHeight() {
        return this.#image.naturalHeight;
    }

    connectedCallback() {
        this.#load();
    }
    disconnectedCallback() {
        // Not where it was only moved.
        queueMicrotask(() => {
            if (!this.isConnected) this.#clear();
        });
    }
    attributeChangedCallback(name, before, value) {
        if (name === "src") {
            if (before !== value && this.isConnected) this.#load();
        } else if (name === "loading") {
            return;
        } else if (name === "alt") {
            if (value === null) this.#image.removeAttribute("alt");
            else this.#image.alt = value;
        } else {
            for (const side of ["width", "height"]) {
                const size = this.getAttribute(side);
                this.style[side] = /^\d+$/.test(size ?? "") ? `${size}px` : "";
            }
            this.#image.toggleAttribute(
                "data-sized",
                this.hasAttribute("width") && this.hasAttribute("height"),
            );
            if (this.hasAttribute("width") && !this.hasAttribute("height")) this.#image.style.width = "100%";
        }
    }

    #clear() {
        ++this.#asked;
        this.#seen?.disconnect();
        this.#loader.clear();
        this.complete = false;
        this.removeAttribute("aria-busy");
    }

    #load() {
        this.#clear();
        if (!this.src) return;
        if (this.getAttribute("loading") !== "lazy" || typeof IntersectionObserver === "undefined")
            return void this.#loadNow();
        this.#seen = new IntersectionObserver(
            (entries) => {
                if (!entries.some((entry) => entry.isIntersecting)) return;
                this.#seen.disconnect();
                this.#loadNow();
            },
            { rootMargin: "300px" },
        );
        this.#seen.observe(this);
    }

    async #loadNow() {
        const asked = ++this.#asked;
        this.setAttribute("aria-busy", "true");
        try {
            await this.#loader.load(new URL(this.src, this.baseURI));
            if (asked !== this.#asked) return;
            this.#done();
            this.dispatchEvent(new Event("load"));
        } catch (error) {
            if (asked !== this.#asked) return;
            this.#done();
            this.dispatchEvent(Object.assign(new Event("error"), { error }));
        }
    }
    #done() {
        this.complete = true;
        this.removeAttribute("aria-busy");
    }
}

if (globalThis.customElements && !customElements.get("residua-img"))
    customElements.define("residua-img", ResiduaImage);

const loaders = new WeakMap(); // of images
const loading = new WeakMap(); // what each is being given

function rsdUrl(image) {
    const source = image.getAttribute("src");
    if (source === null) return undefined;
    try {
        const url = new URL(source, image.baseURI);
        return url.pathname.toLowerCase().endsWith(".rsd") ? url : undefined; // a query or fragment may follow
    } catch {
        return undefined;
    }
}

async function show(image, url) {
    if (loading.get(image) === url.href) return;
    const loader = loaders.get(image) ?? new Loader(image);
    loaders.set(image, loader);
    loading.set(image, url.href);
    try {
        await loader.load(url);
    } catch (error) {
        if (error?.name !== "AbortError") image.dispatchEvent(Object.assign(new Event("error"), { error }));
    } finally {
        if (loading.get(image) === url.href) loading.delete(image);
    }
}

/**
 * From now on every <img> below `root` whose src ends in .rsd is decoded: those that are there, that come, and whose src
 * changes. The browser first fetches the file itself and fires an error event without `error`. Returns a function that
 * ends it.
 */
export function observe(root = document) {
    const look = (node) => {
        for (const image of node.nodeName === "IMG" ? [node] : (node.querySelectorAll?.("img") ?? [])) {
            const url = rsdUrl(image);
            if (url) show(image, url);
            // Another picture has taken the place of one that was still coming.
            else if (!image.src.startsWith("blob:")) loaders.get(image)?.stop();
        }
    };
    const observer = new MutationObserver((records) => {
        for (const { type, target, addedNodes } of records) {
            if (type === "attributes") look(target);
            else for (const node of addedNodes) look(node);
        }
    });
    observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] });
    look(root);
    return () => observer.disconnect();
}

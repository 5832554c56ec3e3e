// The picture, and zooming: to fit, to its own pixels, by wheel, fingers and keys.

const LARGEST = 32; // screen pixels for one of the picture

export class Viewer {
    #stage = document.getElementById("stage");
    #picture = document.getElementById("picture");
    #scaleOutput = document.getElementById("scale");
    #scale = 1; // screen pixels for one of the picture
    #fits = true;
    #pointers = new Map();

    constructor() {
        const on = (id, action) => document.getElementById(id).addEventListener("click", action);
        on("fit", () => this.fit());
        on("actual", () => this.actual());
        on("in", () => this.zoom(1.5));
        on("out", () => this.zoom(1 / 1.5));
        this.#stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
        this.#stage.addEventListener("keydown", (event) => this.#key(event));
        this.#stage.addEventListener("dblclick", (event) => (this.#fits ? this.actual(event) : this.fit()));
        this.#stage.addEventListener("pointerdown", (event) => this.#down(event));
        this.#stage.addEventListener("pointermove", (event) => this.#move(event));
        for (const name of ["pointerup", "pointercancel"])
            this.#stage.addEventListener(name, (event) => this.#up(event));
        new ResizeObserver(() => this.#fits && this.fit()).observe(this.#stage);
    }

    /** Rejects where the browser does not show it. */
    async show(url, name) {
        this.#picture.src = url;
        this.#picture.alt = name;
        await this.#picture.decode();
        this.fit();
    }
    clear() {
        this.#picture.removeAttribute("src");
    }
    get size() {
        return { width: this.#picture.naturalWidth, height: this.#picture.naturalHeight };
    }

    #fitting() {
        const { width, height } = this.size;
        if (!width) return 1;
        const dense = window.devicePixelRatio;
        return Math.min(
            (this.#stage.clientWidth * dense) / width,
            (this.#stage.clientHeight * dense) / height,
            1,
        );
    }
    fit() {
        this.#fits = true;
        this.#set(this.#fitting());
    }
    actual(at) {
        this.zoom(1 / this.#scale, at);
    }

    /** Larger by `factor`; what lies under `at` ({clientX, clientY}), or in the middle, stays where it is. */
    zoom(factor, at) {
        const before = this.#picture.getBoundingClientRect();
        const stage = this.#stage.getBoundingClientRect();
        const x = at?.clientX ?? stage.left + this.#stage.clientWidth / 2;
        const y = at?.clientY ?? stage.top + this.#stage.clientHeight / 2;
        const share = {
            x: (x - before.left) / (before.width || 1),
            y: (y - before.top) / (before.height || 1),
        };
        this.#fits = false;
        this.#set(Math.min(LARGEST, Math.max(Math.min(this.#fitting(), 1) / 4, this.#scale * factor)));
        const after = this.#picture.getBoundingClientRect();
        this.#stage.scrollLeft += after.left + share.x * after.width - x;
        this.#stage.scrollTop += after.top + share.y * after.height - y;
    }

    #set(scale) {
        this.#scale = scale;
        this.#picture.style.width = `${(this.size.width * scale) / window.devicePixelRatio}px`;
        this.#picture.classList.toggle("large", scale >= 2);
        this.#scaleOutput.value = `${scale * 100 < 10 ? (scale * 100).toFixed(1) : Math.round(scale * 100)} %`;
    }

    #wheel(event) {
        event.preventDefault();
        // Lines and pages to pixels.
        const step = event.deltaY * [1, 20, 400][event.deltaMode];
        this.zoom(Math.exp(-Math.max(-300, Math.min(300, step)) / 400), event);
    }

    #key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const action = {
            "+": () => this.zoom(1.5),
            "=": () => this.zoom(1.5),
            "-": () => this.zoom(1 / 1.5),
            0: () => this.fit(),
            1: () => this.actual(),
        }[event.key];
        if (!action) return; // arrows move it: the browser scrolls
        event.preventDefault();
        action();
    }

    // One pointer moves the picture, two zoom it.
    #down(event) {
        if (event.button !== 0) return;
        this.#stage.setPointerCapture(event.pointerId);
        this.#pointers.set(event.pointerId, event);
        this.#stage.classList.add("moving");
    }
    #move(event) {
        const before = this.#pointers.get(event.pointerId);
        if (!before) return;
        if (this.#pointers.size === 1) {
            this.#stage.scrollLeft -= event.clientX - before.clientX;
            this.#stage.scrollTop -= event.clientY - before.clientY;
        } else {
            const [other] = [...this.#pointers.values()].filter(
                ({ pointerId }) => pointerId !== event.pointerId,
            );
            const distance = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY) || 1;
            this.zoom(distance(event) / distance(before), {
                clientX: (event.clientX + other.clientX) / 2,
                clientY: (event.clientY + other.clientY) / 2,
            });
        }
        this.#pointers.set(event.pointerId, event);
    }
    #up(event) {
        this.#pointers.delete(event.pointerId);
        if (this.#pointers.size === 0) this.#stage.classList.remove("moving");
    }
}

// The list of what comes with a picture. What files say is text, never markup.

const NAMES = { icc: "Colour profile (ICC)", exif: "Exif", xmp: "XMP" };
const LONGEST = 20000; // characters that are shown

// Printable text, or undefined.
function textOf({ name, data }) {
    if (name === "icc" || name === "exif" || data.length === 0) return undefined;
    try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(data);
        const odd = text.replace(/[\0\n\r\t]/g, "").match(/\p{Cc}/gu);
        return odd ? undefined : text.replaceAll("\0", " ").trim();
    } catch {
        return undefined;
    }
}

/** `save(data, name)` is for the button beside each entry. */
export function showMetadata(metadata, save) {
    document.getElementById("metadata").hidden = metadata.length === 0;
    document.getElementById("metadata-list").replaceChildren(
        ...metadata.map((entry) => {
            const item = document.createElement("li");
            const about = item.appendChild(document.createElement("div"));
            const title = about.appendChild(document.createElement("div"));
            title.textContent = `${NAMES[entry.name] ?? entry.name}, ${entry.data.length} bytes`;
            const text = textOf(entry);
            if (text) {
                const details = about.appendChild(document.createElement("details"));
                details.appendChild(document.createElement("summary")).textContent = "Text";
                details.appendChild(document.createElement("pre")).textContent = text.slice(0, LONGEST);
            }
            const button = item.appendChild(document.createElement("button"));
            button.textContent = "Save";
            button.setAttribute("aria-label", `Save ${NAMES[entry.name] ?? entry.name}`);
            button.addEventListener("click", () =>
                save(entry.data, entry.name.replace(/[^a-zA-Z0-9]/g, "-")),
            );
            return item;
        }),
    );
}

// Draws the diagrams of the flows. Where the library cannot be fetched they stay what they are, text.
const diagrams = document.querySelectorAll("code.language-mermaid");
if (diagrams.length > 0) {
    const library = document.createElement("script");
    library.src = "https://cdn.jsdelivr.net/npm/mermaid@11.12.0/dist/mermaid.min.js";
    library.integrity = "sha384-o+g/BxPwhi0C3RK7oQBxQuNimeafQ3GE/ST4iT2BxVI4Wzt60SH4pq9iXVYujjaS";
    library.crossOrigin = "anonymous";
    library.onload = () => {
        const drawn = [...diagrams].map((code) => {
            const place = document.createElement("div");
            place.style.overflowX = "auto";
            place.textContent = code.textContent;
            code.parentElement.replaceWith(place);
            return place;
        });
        const dark = /\b(coal|navy|ayu)\b/.test(document.documentElement.className);
        window.mermaid.initialize({ startOnLoad: false, flowchart: { useMaxWidth: false }, theme: dark ? "dark" : "default" });
        window.mermaid.run({ nodes: drawn });
    };
    document.head.append(library);
}

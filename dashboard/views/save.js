// Saves the figure NAME as PNG or SVG, made of what the page shows; nothing leaves the browser.
(() => {
  const name = "NAME";
  const bar = document.querySelector(".st-key-save-" + name);
  const put = (node, values) => {
    for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
    return node;
  };

  // A picture drawn outside the page knows none of its fonts: the file carries them.
  const encoded = async (url) => {
    const blob = await (await fetch(url)).blob();
    return new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(blob);
    });
  };
  const fonts = async () => {
    const rules = [...document.styleSheets].flatMap((sheet) => {
      try { return [...sheet.cssRules].map((rule) => [rule, sheet.href || document.baseURI]); }
      catch { return []; }
    });
    const made = rules.map(async ([rule, base]) => {
      const told = rule instanceof CSSFontFaceRule ? rule.style : null;
      const found = told && /url\(["']?([^"')]+)/.exec(told.getPropertyValue("src"));
      if (!found || !/^["']?Source Sans["']?$/.test(told.getPropertyValue("font-family"))) return "";
      const url = found[1].startsWith("data:") ? found[1] : await encoded(new URL(found[1], base));
      return `@font-face {font-family: "Source Sans"; src: url(${url}); ` +
        `font-weight: ${told.getPropertyValue("font-weight") || "400"}; ` +
        `font-style: ${told.getPropertyValue("font-style") || "normal"}}`;
    });
    return (await Promise.all(made)).join("\n");
  };

  const whole = async () => {
    const parts = [...document.querySelectorAll(".st-key-" + name + " svg.main-svg")];
    const {width, height} = parts[0].getBoundingClientRect();
    const out = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    put(out, {width, height, viewBox: `0 0 ${width} ${height}`});
    const style = document.createElementNS(out.namespaceURI, "style");
    style.textContent = await fonts();
    const fill = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor;
    const paper = document.createElementNS(out.namespaceURI, "rect");
    out.append(style, put(paper, {width, height, fill}));
    out.append(...parts.map((one) => one.cloneNode(true)));
    return {width, height, text: new XMLSerializer().serializeToString(out)};
  };
  const save = (blob, format) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name + "." + format;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const draw = ({width, height, text}) => {
    const image = new Image();
    image.onload = () => {
      const canvas = put(document.createElement("canvas"), {width: 2 * width, height: 2 * height});
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(blob, "png"));
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  };
  for (const button of bar.querySelectorAll("button")) {
    button.onclick = async () => {
      const made = await whole();
      if (button.dataset.format === "png") draw(made);
      else save(new Blob([made.text], {type: "image/svg+xml"}), "svg");
    };
  }
})();

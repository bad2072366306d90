"""How all pages look."""

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none"
 stroke="#8073ac" stroke-width="3"><path d="M1 22h30M4 22a12 12 0 0 1 24 0M16 10v12M10 12v10M22
 12v10"/></svg>"""
"""A bridge; drawn here, since Streamlit fetches named icons from a server of Google\'s."""

STYLE = """<style>
.block-container {padding-top: 4.2rem; padding-bottom: 3rem; max-width: 1180px}
h1 {font-size: 2.3rem !important; letter-spacing: -.02em; line-height: 1.15 !important}
h3 {font-size: 1.35rem !important; letter-spacing: -.01em; padding-top: 1.6rem !important}
.st-key-lead p {font-size: 1.13rem; line-height: 1.55; max-width: 62rem}
.st-key-redraw {display: none}
[class*="st-key-scroll-"] {overflow-x: auto}
.saves {font-size: .8rem; opacity: .8}
.saves button, [class*="st-key-files-"] button {font: inherit; font-size: .8rem; background: none;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 6px;
  color: inherit; cursor: pointer; padding: .1rem .55rem; min-height: 0}
.saves button {margin-left: .4rem}
.saves button:hover, [class*="st-key-files-"] button:hover {border-color: currentColor}
[class*="st-key-files-"] button p {font-size: .8rem}
[class*="st-key-card-"] h3 {padding: 0 !important; font-size: 1.9rem !important}
[data-testid=stMain] [data-testid=stPageLink] p {text-decoration: underline;
  text-underline-offset: .2em; text-decoration-thickness: 1px}
@media (max-width: 640px) {
  .block-container {padding-left: 1rem; padding-right: 1rem}
  h1 {font-size: 1.7rem !important}
  .st-key-lead p {font-size: 1rem}
}
</style>"""


FOLLOW = """<script>(() => {
  const app = document.querySelector("[data-testid=stApp]");
  const ground = () => getComputedStyle(app).backgroundColor;
  let last = ground();
  const follow = () => {
    if (ground() === last) return;
    last = ground();
    document.querySelector(".st-key-redraw button").click();
  };
  new MutationObserver(() => setTimeout(follow, 200)).observe(app, {attributes: true});
})();</script>"""
"""Figures have their own colours: a switch between light and dark asks for the page anew."""

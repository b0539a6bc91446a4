// What the page does besides the terminal, which textual.js draws when everything is loaded.

// The token has done its work: it has no business in the address bar.
history.replaceState(null, "", "/");

addEventListener("DOMContentLoaded", () => {
  const again = document.getElementById("again");
  again.addEventListener("click", () => location.replace("/"));

  let state = "";
  new MutationObserver(() => {
    const classes = document.body.classList;
    const newer = classes.contains("-closed") ? "closed" : classes.contains("-first-byte") ? "open" : "";
    if (newer === state) {
      return;
    }
    state = newer;
    if (state === "open") {
      document.querySelector(".xterm-helper-textarea").focus();
    } else if (state === "closed") {
      again.focus();
    }
  }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
});

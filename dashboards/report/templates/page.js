// Comfort only: without script the page shows the same, and titles appear as the browser shows them.
(function () {
  var tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  document.body.appendChild(tip);
  document.querySelectorAll("svg title").forEach(function (title) {
    title.parentNode.setAttribute("data-tip", title.textContent);
    title.remove();
  });
  document.querySelectorAll("td[title], li[title]").forEach(function (cell) {
    if (cell.title) { cell.setAttribute("data-tip", cell.title); }
    cell.removeAttribute("title");
  });
  function show(event) {
    var marked = event.target.closest ? event.target.closest("[data-tip]") : null;
    tip.hidden = !marked;
    if (!marked) { return; }
    tip.textContent = marked.getAttribute("data-tip");
    var left = event.pageX + 14;
    var edge = window.scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = Math.max(window.scrollX + 8, Math.min(left, edge)) + "px";
    tip.style.top = event.pageY + 18 + "px";
  }
  document.addEventListener("pointermove", show);
  document.addEventListener("click", show);
  document.addEventListener("scroll", function () { tip.hidden = true; }, { passive: true });

  // Which section is being read, in the navigation.
  var links = {};
  document.querySelectorAll("nav a").forEach(function (link) { links[link.hash.slice(1)] = link; });
  if (!("IntersectionObserver" in window)) { return; }
  var observer = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      var link = links[entry.target.id];
      if (!entry.isIntersecting || !link) { return; }
      document.querySelectorAll("nav a.here").forEach(function (other) { other.classList.remove("here"); });
      link.classList.add("here");
    });
  }, { rootMargin: "-20% 0px -70% 0px" });
  document.querySelectorAll("section[id]").forEach(function (section) { observer.observe(section); });
})();

// The two things that the pages ask of Bootstrap's scripts: unfold details, and show failed checks only.
document.querySelectorAll('[data-toggle="collapse"]').forEach((link) => {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const target = link.getAttribute("href") || link.dataset.target;
    document.querySelectorAll(target).forEach((element) => element.classList.toggle("show"));
  });
});
document.getElementById("failed-only").addEventListener("change", (event) => {
  document.querySelectorAll(".hide-succeeded-validation-target-child").forEach((mark) => {
    mark.closest("tr").hidden = event.target.checked;
  });
  document.querySelectorAll("tr.succeeded").forEach((row) => {
    row.hidden = event.target.checked;
  });
});

// A click on a heading of the trials' table sorts by it, a second click the other way round.
for (const table of document.querySelectorAll(".sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.addEventListener("click", () => {
    const way = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
    const key = (row) => row.cells[column].textContent;
    const numeric = heading.classList.contains("number");
    const compare = (a, b) => numeric ? (parseFloat(a) || 0) - (parseFloat(b) || 0) : a.localeCompare(b);
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => way * compare(key(a), key(b))));
  }));
}

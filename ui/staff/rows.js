// Rows that can be chosen, opened and worked on: what is chosen is the component's value, what is pressed is an event.
const boxes = () => [...element.querySelectorAll("input[data-row]")];
const all = () => element.querySelector("input[data-all]");

const show = () => {
  const chosen = new Set(props.value || []);
  boxes().forEach((box) => { box.checked = chosen.has(box.dataset.row); });
  if (all()) all().checked = boxes().length > 0 && boxes().every((box) => box.checked);
};

element.addEventListener("change", (event) => {
  if (event.target.matches("input[data-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
  if (!event.target.matches("input[data-all], input[data-row]")) return;
  props.value = boxes().filter((box) => box.checked).map((box) => box.dataset.row);
  show();
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-open], button[data-apply]");
  if (!button) return;
  if (button.dataset.open) trigger("select", { index: 0, value: button.dataset.open });
  else trigger("apply", { value: button.dataset.apply });
});

watch(["rows", "value"], show);

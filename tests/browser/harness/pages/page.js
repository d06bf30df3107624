// Stands for Streamlit's stub: gets the data, imports the module from the assets, mounts, keeps what it emits.
const here = new URL(location.href);
const key = here.searchParams.get("key");
const element = document.getElementById("mount");
document.getElementById("theme").className = here.searchParams.get("theme") ?? "light";

window.emitted = [];
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask", buffered: true });

const data = await (await fetch(`data/${key}`)).json();
const { mount } = await import(new URL(`${data.assets}transcript.js`, document.baseURI).href);
window.data = data;
window.remount = (changed = {}, sink = window.emitted) => {
  window.unmount = mount(element, structuredClone({ ...data, ...changed }), (name, value) => sink.push([name, value]));
};
window.remount();

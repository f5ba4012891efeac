/**
 * Values in the browser's storage, under one name.
 *
 * @param {Storage} storage of this browser, or of this tab
 * @param {string} name of the values
 */
export function kept(storage, name) {
  let values = {};
  try {
    values = JSON.parse(storage.getItem(name)) ?? {};
  } catch {
    // It is closed to this page, or somebody else wrote there: values last as long as the page.
  }
  return {
    get: (key) => values[key],
    set(changed) {
      values = { ...values, ...changed };
      try {
        storage.setItem(name, JSON.stringify(values));
      } catch {
        // as above
      }
    },
  };
}

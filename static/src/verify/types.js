export const isText = (value) => typeof value === "string";
export const isWhole = (value) => Number.isInteger(value);
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const has = (object, name) => Object.hasOwn(object, name);
